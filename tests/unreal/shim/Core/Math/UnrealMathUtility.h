// FMath and small value types.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/FMath
struct FMath
{
	template <typename T>
	static T Clamp(T Value, T Low, T High)
	{
		return Value < Low ? Low : Value > High ? High : Value;
	}
	template <typename T>
	static T Max(T Left, T Right)
	{
		return Left > Right ? Left : Right;
	}
	template <typename T>
	static T Min(T Left, T Right)
	{
		return Left < Right ? Left : Right;
	}
	template <typename T>
	static T Abs(T Value)
	{
		return Value < 0 ? -Value : Value;
	}
	template <typename T>
	static bool IsFinite(T Value)
	{
		return std::isfinite(Value);
	}
	static int32 RoundToInt(float Value) { return static_cast<int32>(std::floor(Value + 0.5f)); }
	static int64 FloorToInt64(double Value) { return static_cast<int64>(std::floor(Value)); }
};

// EPIC Runtime/Core/FIntPoint
struct FIntPoint
{
	int32 X = 0;
	int32 Y = 0;
	FIntPoint() = default;
	FIntPoint(int32 InX, int32 InY) : X(InX), Y(InY) {}
	friend bool operator==(const FIntPoint& Left, const FIntPoint& Right) { return Left.X == Right.X && Left.Y == Right.Y; }
};

// EPIC Runtime/Core/FColor
struct FColor
{
	uint8 R = 0;
	uint8 G = 0;
	uint8 B = 0;
	uint8 A = 255;
	FColor() = default;
	FColor(uint8 InR, uint8 InG, uint8 InB, uint8 InA = 255) : R(InR), G(InG), B(InB), A(InA) {}
	static const FColor Red;
};
inline const FColor FColor::Red = FColor(255, 0, 0);

// EPIC Runtime/Core/FLinearColor
struct FLinearColor
{
	float R = 0;
	float G = 0;
	float B = 0;
	float A = 1;
	FLinearColor() = default;
	FLinearColor(float InR, float InG, float InB, float InA = 1.0f) : R(InR), G(InG), B(InB), A(InA) {}
	explicit FLinearColor(const FColor& Color) : R(Color.R / 255.0f), G(Color.G / 255.0f), B(Color.B / 255.0f) {}
};

// EPIC Runtime/Core/FGuid
struct FGuid
{
	uint32 A = 0;
	friend bool operator==(const FGuid& Left, const FGuid& Right) { return Left.A == Right.A; }
};
