// Data of the Basic role.
#pragma once

#include "LiveLinkTypes.h"
