#pragma once

/// Compiles the function that follows for several processors; the best version is chosen when the program
/// starts. Empty if the compiler does not support this.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DEEPFOG_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DEEPFOG_CLONES
#endif
