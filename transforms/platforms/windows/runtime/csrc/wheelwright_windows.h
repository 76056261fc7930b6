// What glibc's headers, GCC and Clang give to every file of csrc/, and Windows does not.
//
// CMakeLists.txt includes it by force, before the first line of each file, where MSVC compiles.
// Everywhere else, and the second time, it is empty.
#ifndef WHEELWRIGHT_WINDOWS_H
#define WHEELWRIGHT_WINDOWS_H

#ifdef _WIN32

// The constants of POSIX, as M_LOG2E: Microsoft's <math.h> has them for those who ask before its
// first inclusion, which is nvcc's own.
#ifndef _USE_MATH_DEFINES
#define _USE_MATH_DEFINES
#endif
#include <math.h>
#if defined(_MSC_VER) && !defined(M_LOG2E)
#include <corecrt_math_defines.h>
#endif
#include <stddef.h>

// The types that glibc's <sys/types.h> has beside those of C.
typedef unsigned int uint;
#if !defined(_SSIZE_T_DEFINED) && !defined(_SSIZE_T_)
typedef ptrdiff_t ssize_t;
#define _SSIZE_T_DEFINED
#define _SSIZE_T_
#endif

// Macros, since some releases of MSVC declare builtins of these names that they cannot compile.
// Functions of its own are no constant expressions before C++20. As with GCC, 0 has no result.
#if defined(__cplusplus) && defined(_MSC_VER) && !defined(__clang__)
namespace wheelwright {

constexpr int leading_zeros(unsigned int bits) {
  int zeros = 0;
  if (bits <= 0x0000FFFFu) { zeros += 16; bits <<= 16; }
  if (bits <= 0x00FFFFFFu) { zeros += 8; bits <<= 8; }
  if (bits <= 0x0FFFFFFFu) { zeros += 4; bits <<= 4; }
  if (bits <= 0x3FFFFFFFu) { zeros += 2; bits <<= 2; }
  if (bits <= 0x7FFFFFFFu) { zeros += 1; }
  return zeros;
}

constexpr int trailing_zeros(unsigned int bits) {
  return 31 - leading_zeros(bits & (~bits + 1u));
}

}  // namespace wheelwright

#define __builtin_clz(bits) ::wheelwright::leading_zeros(bits)
#define __builtin_ctz(bits) ::wheelwright::trailing_zeros(bits)
#endif

#endif  // _WIN32
#endif  // WHEELWRIGHT_WINDOWS_H
