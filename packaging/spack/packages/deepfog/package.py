import os

from spack.package import *

try:  # Spack 1.0 and later
    from spack_repo.builtin.build_systems.cmake import CMakePackage
except ImportError:
    pass

CHECKOUT = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), *[".."] * 4))


class Deepfog(CMakePackage):
    """What happens to a distributed neural network when machines fail: a benchmark suite. It trains networks that are
    spread over machines, sweeps every combination of failed machines, and runs them over MPI with real deaths."""

    homepage = "file://" + CHECKOUT
    git = "file://" + CHECKOUT

    license("Apache-2.0")

    version("main", branch="main")

    variant("cuda", default=False, description="LibTorch with CUDA")
    variant("tools", default=True, description="Python's packages of data/ and postprocess/")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("ninja", type="build")
    depends_on("git", type="build")
    depends_on("googletest", type="test")

    depends_on("mpi")
    depends_on("hdf5@1.10.7: +hl ~mpi")
    depends_on("boost@1.71: +program_options")
    depends_on("openssl@3:")
    depends_on("py-torch@1.13: ~cuda", when="~cuda")
    depends_on("py-torch@1.13: +cuda", when="+cuda")

    with when("+tools"):
        depends_on("python@3.8:", type="run")
        depends_on("py-numpy", type="run")
        depends_on("py-h5py", type="run")
        depends_on("py-matplotlib", type="run")
        depends_on("py-pillow", type="run")

    generator("ninja")

    def cmake_args(self):
        # Torch_DIR comes through py-torch's cmake_prefix_paths.
        return [self.define("DEEPFOG_BUILD_TESTS", self.run_tests)]

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def the_installed_program_finds_its_configs(self):
        program = Executable(os.path.join(self.prefix.bin, "deepfog"))
        listed = program("list", "configs", output=str)
        if "quickstart.ini" not in listed:
            raise InstallError("the installed deepfog does not find its configs: " + listed)
