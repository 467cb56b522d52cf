// TArray and views.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/TArrayView
template <typename T>
class TArrayView
{
public:
	TArrayView() = default;
	TArrayView(T* InData, int32 InNum) : Data(InData), Count(InNum) {}
	template <typename Container>
	TArrayView(Container&& Other) : Data(Other.GetData()), Count(Other.Num())
	{
	}
	template <size_t N>
	TArrayView(T (&Values)[N]) : Data(Values), Count(static_cast<int32>(N))
	{
	}
	T* GetData() const { return Data; }
	int32 Num() const { return Count; }
	bool IsEmpty() const { return Count == 0; }
	T& operator[](int32 Index) const
	{
		check(Index >= 0 && Index < Count);
		return Data[Index];
	}
	template <typename Other>
	int32 Find(const Other& Item) const
	{
		for (int32 Index = 0; Index < Count; ++Index)
		{
			if (Data[Index] == Item)
			{
				return Index;
			}
		}
		return INDEX_NONE;
	}
	T* begin() const { return Data; }
	T* end() const { return Data + Count; }

private:
	T* Data = nullptr;
	int32 Count = 0;
};

// EPIC Runtime/Core/TConstArrayView
template <typename T>
using TConstArrayView = TArrayView<const T>;

// EPIC Runtime/Core/TArray
template <typename T>
class TArray
{
	// A bool must be addressable, which std::vector<bool> does not give.
	using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8, T>;

public:
	TArray() = default;
	TArray(std::initializer_list<T> Values) : Items(Values) {}
	TArray(const T* Values, int32 Count) : Items(Values, Values + Count) {}
	template <typename Other>
	explicit TArray(const TArrayView<Other>& View) : Items(View.begin(), View.end())
	{
	}
	int32 Num() const { return static_cast<int32>(Items.size()); }
	bool IsEmpty() const { return Items.empty(); }
	bool IsValidIndex(int32 Index) const { return Index >= 0 && Index < Num(); }
	T* GetData() { return reinterpret_cast<T*>(Items.data()); }
	const T* GetData() const { return reinterpret_cast<const T*>(Items.data()); }
	T& operator[](int32 Index)
	{
		check(IsValidIndex(Index));
		return GetData()[Index];
	}
	const T& operator[](int32 Index) const
	{
		check(IsValidIndex(Index));
		return GetData()[Index];
	}
	T& Last() { return (*this)[Num() - 1]; }
	const T& Last() const { return (*this)[Num() - 1]; }
	int32 Add(const T& Item)
	{
		Items.push_back(Item);
		return Num() - 1;
	}
	int32 Add(T&& Item)
	{
		Items.push_back(std::move(Item));
		return Num() - 1;
	}
	int32 AddUnique(const T& Item)
	{
		const int32 Found = Find(Item);
		return Found != INDEX_NONE ? Found : Add(Item);
	}
	T& AddDefaulted_GetRef()
	{
		Items.emplace_back();
		return Last();
	}
	void Append(std::initializer_list<T> Values) { Items.insert(Items.end(), Values); }
	void Append(const TArray& Other) { Items.insert(Items.end(), Other.Items.begin(), Other.Items.end()); }
	void RemoveAt(int32 Index) { Items.erase(Items.begin() + Index); }
	int32 Remove(const T& Item)
	{
		const auto Size = Items.size();
		Items.erase(std::remove(Items.begin(), Items.end(), Item), Items.end());
		return static_cast<int32>(Size - Items.size());
	}
	void Reserve(int32 Count) { Items.reserve(static_cast<size_t>(Count)); }
	void Reset(int32 = 0) { Items.clear(); }
	void Empty(int32 = 0) { Items.clear(); }
	void SetNum(int32 Count) { Items.resize(static_cast<size_t>(Count)); }
	void SetNumZeroed(int32 Count) { Items.resize(static_cast<size_t>(Count)); }
	template <typename Other>
	int32 Find(const Other& Item) const
	{
		return TArrayView<const T>(GetData(), Num()).Find(Item);
	}
	template <typename Other>
	bool Contains(const Other& Item) const
	{
		return Find(Item) != INDEX_NONE;
	}
	template <typename Predicate>
	T* FindByPredicate(Predicate Test)
	{
		auto Found = std::find_if(Items.begin(), Items.end(), Test);
		return Found != Items.end() ? &*Found : nullptr;
	}
	template <typename Predicate>
	const T* FindByPredicate(Predicate Test) const
	{
		return const_cast<TArray*>(this)->FindByPredicate(Test);
	}
	template <typename Predicate>
	bool ContainsByPredicate(Predicate Test) const
	{
		return FindByPredicate(Test) != nullptr;
	}
	template <typename Predicate>
	TArray FilterByPredicate(Predicate Test) const
	{
		TArray Result;
		std::copy_if(Items.begin(), Items.end(), std::back_inserter(Result.Items), Test);
		return Result;
	}
	void Sort() { std::sort(Items.begin(), Items.end()); }
	template <typename Predicate>
	void Sort(Predicate Less)
	{
		std::sort(Items.begin(), Items.end(), Less);
	}
	template <typename Predicate>
	void StableSort(Predicate Less)
	{
		std::stable_sort(Items.begin(), Items.end(), Less);
	}
	bool operator==(const TArray& Other) const { return Items == Other.Items; }
	T* begin() { return GetData(); }
	T* end() { return GetData() + Num(); }
	const T* begin() const { return GetData(); }
	const T* end() const { return GetData() + Num(); }

private:
	std::vector<Stored> Items;
};
