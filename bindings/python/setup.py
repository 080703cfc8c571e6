"""Builds libcpc with cargo and bundles it with the package. All else is in pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:
    from wheel.bdist_wheel import bdist_wheel

WORKSPACE = Path(__file__).resolve().parents[2]


def library_name() -> str:
    if sys.platform == "win32":
        return "cpc.dll"
    return "libcpc.dylib" if sys.platform == "darwin" else "libcpc.so"


def built_library() -> Path:
    """The library that CPC_LIBRARY names, or one that is built now."""
    if given := os.environ.get("CPC_LIBRARY"):
        return Path(given)
    command = [os.environ.get("CARGO", "cargo"), "build", "--release", "--package", "cpc-capi"]
    subprocess.run(command, cwd=WORKSPACE, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target"))
    return target / "release" / library_name()


class BuildWithLibrary(build_py):
    def run(self) -> None:
        super().run()
        package = Path(self.build_lib) / "cpc"
        package.mkdir(parents=True, exist_ok=True)
        shutil.copy2(built_library(), package / library_name())


class PlatformWheel(bdist_wheel):
    """For any Python 3, because it is loaded and not linked; but for one platform."""

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]


class BinaryDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel}, distclass=BinaryDistribution)
