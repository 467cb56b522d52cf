// FTSTicker.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/Core/FTickerDelegate
using FTickerDelegate = TDelegate<bool(float)>;

// EPIC Runtime/Core/FTSTicker
class FTSTicker
{
public:
	struct FDelegateHandle
	{
		int32 Id = 0;
	};
	static FTSTicker& GetCoreTicker()
	{
		static FTSTicker Ticker;
		return Ticker;
	}
	FDelegateHandle AddTicker(const FTickerDelegate& Delegate, float Delay = 0.0f)
	{
		Tickers.Add(++Last, Delegate);
		return {Last};
	}
	static void RemoveTicker(FDelegateHandle Handle) { GetCoreTicker().Tickers.Remove(Handle.Id); }
	void Tick(float DeltaTime)
	{
		TArray<int32> Ids;
		Tickers.GetKeys(Ids);
		for (const int32 Id : Ids)
		{
			const FTickerDelegate* Found = Tickers.Find(Id);
			const FTickerDelegate Copy = Found ? *Found : FTickerDelegate();
			if (Copy.IsBound() && !Copy.Execute(DeltaTime))
			{
				Tickers.Remove(Id);
			}
		}
	}

private:
	TMap<int32, FTickerDelegate> Tickers;
	int32 Last = 0;
};
