// Slate, as far as a row with buttons needs it.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/SlateCore/SWidget
class SWidget
{
public:
	virtual ~SWidget() = default;
};

// EPIC Runtime/SlateCore/SNullWidget
template <typename Widget>
class TShimBuilder
{
public:
	operator TSharedRef<SWidget>() const { return MakeShared<Widget>(); }
	template <typename Any>
	TShimBuilder& Text(const Any&)
	{
		return *this;
	}
	template <typename Any>
	TShimBuilder& Text_Static(Any Function)
	{
		static_assert(std::is_same_v<decltype(Function()), FText>);
		return *this;
	}
	template <typename Any>
	TShimBuilder& OnClicked_Static(Any Function)
	{
		(void)Function;
		return *this;
	}
	template <typename Any>
	TShimBuilder& Font(const Any&)
	{
		return *this;
	}
	TShimBuilder& AutoWrapText(bool) { return *this; }
	template <typename Slot>
	TShimBuilder& operator+(const Slot&)
	{
		return *this;
	}
};

// EPIC documentation "Slate Overview": SNew begins a declaration
#define SNew(Widget) TShimBuilder<Widget>()

// EPIC Runtime/SlateCore/SHorizontalBox
class SHorizontalBox : public SWidget
{
public:
	struct FSlotArguments
	{
		FSlotArguments& AutoWidth() { return *this; }
		FSlotArguments& operator[](TSharedRef<SWidget> Content) { return *this; }
	};
	static FSlotArguments Slot() { return {}; }
};

// EPIC Runtime/SlateCore/FReply
class FReply
{
public:
	static FReply Handled() { return FReply(); }
};
