# find_package(cpc): the targets cpc::cpc (the shared library) and cpc::cpc_static.
#
# Found by where this file is, so that a prefix can be moved.
get_filename_component(_cpc_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(_cpc_folders lib "lib/${CMAKE_LIBRARY_ARCHITECTURE}" lib64)

find_path(CPC_INCLUDE_DIR cpc.h PATHS "${_cpc_prefix}/include" NO_DEFAULT_PATH)
find_library(CPC_SHARED_LIBRARY
    NAMES "${CMAKE_SHARED_LIBRARY_PREFIX}cpc${CMAKE_SHARED_LIBRARY_SUFFIX}"
    PATHS "${_cpc_prefix}" PATH_SUFFIXES ${_cpc_folders} NO_DEFAULT_PATH)
find_library(CPC_STATIC_LIBRARY
    NAMES "${CMAKE_STATIC_LIBRARY_PREFIX}cpc${CMAKE_STATIC_LIBRARY_SUFFIX}"
    PATHS "${_cpc_prefix}" PATH_SUFFIXES ${_cpc_folders} NO_DEFAULT_PATH)
mark_as_advanced(CPC_INCLUDE_DIR CPC_SHARED_LIBRARY CPC_STATIC_LIBRARY)

include(CMakeFindDependencyMacro)
find_dependency(Threads)

if(CPC_SHARED_LIBRARY AND NOT TARGET cpc::cpc)
    add_library(cpc::cpc SHARED IMPORTED)
    set_target_properties(cpc::cpc PROPERTIES
        IMPORTED_LOCATION "${CPC_SHARED_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CPC_INCLUDE_DIR}")
endif()
if(CPC_STATIC_LIBRARY AND NOT TARGET cpc::cpc_static)
    add_library(cpc::cpc_static STATIC IMPORTED)
    set_target_properties(cpc::cpc_static PROPERTIES
        IMPORTED_LOCATION "${CPC_STATIC_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CPC_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};$<$<PLATFORM_ID:Linux>:m>;$<$<PLATFORM_ID:Linux>:gcc_s>")
endif()
if(NOT CPC_INCLUDE_DIR OR NOT (TARGET cpc::cpc OR TARGET cpc::cpc_static))
    set(cpc_FOUND FALSE)
    set(cpc_NOT_FOUND_MESSAGE "cpc.h or libcpc is not below ${_cpc_prefix}")
endif()
unset(_cpc_prefix)
unset(_cpc_folders)
