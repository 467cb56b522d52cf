// From a merged document to a program: names looked up, short forms written out, numbers filled in.
#pragma once

#include "A2FBridge/MappingTable.h"
#include "MappingProgram.h"
#include "TableDocument.h"

namespace a2fbridge
{

/// Compiles one merged document with the values of its parameters. After a mistake the program is of no use.
TableProgram compileTable(const TableDocument& document, const ParamValues& params, ITableLoader* loader,
                          Mistake& mistake);

} // namespace a2fbridge
