// What a table's handle is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/MappingTable.h"
#include "a2fbridge/a2fbridge.h"

struct a2fb_table
{
    std::shared_ptr<const a2fbridge::MappingTable> it;
    std::shared_ptr<const a2fbridge::MappingPlan> plan;
    std::vector<double> scratch;
    std::vector<std::string> warnings;
};
