// TPair, TMap, TSet. Small and linear here.
#pragma once

#include "Containers/Array.h"

// EPIC Runtime/Core/TPair
template <typename KeyType, typename ValueType>
struct TPair
{
	KeyType Key;
	ValueType Value;
};

// EPIC Runtime/Core/TMap
template <typename KeyType, typename ValueType>
class TMap
{
public:
	using Pair = TPair<KeyType, ValueType>;

	TMap() = default;
	TMap(std::initializer_list<Pair> Values)
	{
		for (const Pair& Entry : Values)
		{
			Add(Entry.Key, Entry.Value);
		}
	}
	ValueType& Add(const KeyType& Key, const ValueType& Value)
	{
		ValueType& Slot = FindOrAdd(Key);
		Slot = Value;
		return Slot;
	}
	ValueType& Add(const KeyType& Key, ValueType&& Value)
	{
		ValueType& Slot = FindOrAdd(Key);
		Slot = std::move(Value);
		return Slot;
	}
	ValueType& FindOrAdd(const KeyType& Key)
	{
		if (ValueType* Found = Find(Key))
		{
			return *Found;
		}
		Items.push_back(Pair{Key, ValueType()});
		return Items.back().Value;
	}
	ValueType* Find(const KeyType& Key)
	{
		for (Pair& Entry : Items)
		{
			if (Entry.Key == Key)
			{
				return &Entry.Value;
			}
		}
		return nullptr;
	}
	const ValueType* Find(const KeyType& Key) const { return const_cast<TMap*>(this)->Find(Key); }
	bool Contains(const KeyType& Key) const { return Find(Key) != nullptr; }
	int32 Remove(const KeyType& Key)
	{
		const auto Size = Items.size();
		Items.erase(std::remove_if(Items.begin(), Items.end(), [&Key](const Pair& Entry) { return Entry.Key == Key; }), Items.end());
		return static_cast<int32>(Size - Items.size());
	}
	void Reset() { Items.clear(); }
	int32 Num() const { return static_cast<int32>(Items.size()); }
	bool IsEmpty() const { return Items.empty(); }
	int32 GetKeys(TArray<KeyType>& OutKeys) const
	{
		for (const Pair& Entry : Items)
		{
			OutKeys.Add(Entry.Key);
		}
		return Num();
	}
	bool OrderIndependentCompareEqual(const TMap& Other) const
	{
		return Num() == Other.Num() && std::all_of(Items.begin(), Items.end(), [&Other](const Pair& Entry)
												  { const ValueType* Found = Other.Find(Entry.Key); return Found && *Found == Entry.Value; });
	}
	auto begin() { return Items.begin(); }
	auto end() { return Items.end(); }
	auto begin() const { return Items.begin(); }
	auto end() const { return Items.end(); }

private:
	std::vector<Pair> Items;
};

// EPIC Runtime/Core/TSet
template <typename T>
class TSet
{
public:
	void Add(const T& Item) { Items.AddUnique(Item); }
	void Append(const TArray<T>& Other)
	{
		for (const T& Item : Other)
		{
			Add(Item);
		}
	}
	bool Contains(const T& Item) const { return Items.Contains(Item); }
	int32 Num() const { return Items.Num(); }
	auto begin() const { return Items.begin(); }
	auto end() const { return Items.end(); }

private:
	TArray<T> Items;
};
