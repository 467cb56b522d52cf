// FArchive.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/FArchive
class FArchive
{
public:
	virtual ~FArchive() = default;
	virtual void Serialize(void* Bytes, int64 Length) = 0;
	virtual void Flush() {}
	bool IsError() const { return bError; }

protected:
	bool bError = false;
};
