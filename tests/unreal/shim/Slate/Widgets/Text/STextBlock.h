// Text.
#pragma once

#include "Widgets/SBoxPanel.h"

// EPIC Runtime/Slate/STextBlock
class STextBlock : public SWidget
{
};
