#pragma once

/// Before a function: it is compiled for several processors, and the best one is chosen when the program
/// starts. Where the compiler knows no such thing, nothing.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DEEPFOG_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DEEPFOG_CLONES
#endif
