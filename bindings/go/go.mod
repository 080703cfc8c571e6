module cpc

go 1.19
