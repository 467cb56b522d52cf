// Buttons.
#pragma once

#include "Widgets/SBoxPanel.h"

// EPIC Runtime/Slate/SButton
class SButton : public SWidget
{
};
