// Basic types and macros.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// EPIC Runtime/Core/FGenericPlatformTypes
using int8 = std::int8_t;
using int16 = std::int16_t;
using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using uint32 = std::uint32_t;
// EPIC Runtime/Core/FGenericPlatformTypes: 64-bit types are "long long", also where std::uint64_t is "long"
using uint64 = unsigned long long;
using TCHAR = char16_t;
using ANSICHAR = char;

// EPIC documentation "Character Encoding"
#define TEXT_PASTE(Literal) u##Literal
#define TEXT(Literal) TEXT_PASTE(Literal)
#define INDEX_NONE (-1)
#define PLATFORM_WINDOWS 0
#define PLATFORM_MAC 0
#define PLATFORM_LINUX 1
#ifndef WITH_EDITOR
#define WITH_EDITOR 1
#endif
#define WITH_EDITORONLY_DATA WITH_EDITOR
#define WITH_AUTOMATION_TESTS 1
#define UE_SMALL_NUMBER (1.e-8f)
#define A2FBRIDGE_API
#define A2FBRIDGEGRAPH_API
#define A2FBRIDGEEDITOR_API
#define A2FBRIDGESAMPLE_API

// EPIC documentation "Asserts in Unreal Engine": check stops the program, ensure reports and returns the value
#define check(Expression) \
	do \
	{ \
		if (!(Expression)) \
		{ \
			std::fprintf(stderr, "%s:%d: check(%s)\n", __FILE__, __LINE__, #Expression); \
			std::abort(); \
		} \
	} while (false)
#define ensure(Expression) (!!(Expression))

// EPIC Runtime/Core/MoveTemp
template <typename T>
inline std::remove_reference_t<T>&& MoveTemp(T&& Value)
{
	static_assert(std::is_lvalue_reference_v<T>, "MoveTemp called on an rvalue");
	static_assert(!std::is_const_v<std::remove_reference_t<T>>, "MoveTemp called on a const object");
	return static_cast<std::remove_reference_t<T>&&>(Value);
}

// EPIC Runtime/Core/IsInGameThread
inline bool IsInGameThread()
{
	return true;
}

// EPIC Runtime/Core/EForceInit
enum EForceInit
{
	ForceInit
};

// EPIC Runtime/Core/ESearchCase
namespace ESearchCase
{
enum Type
{
	CaseSensitive,
	IgnoreCase
};
}

// EPIC Runtime/Core/ESPMode
enum class ESPMode : uint8
{
	NotThreadSafe = 0,
	ThreadSafe = 1
};

// EPIC Runtime/Core/TFunction
template <typename Signature>
using TFunction = std::function<Signature>;
