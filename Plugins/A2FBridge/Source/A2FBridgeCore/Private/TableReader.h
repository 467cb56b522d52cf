// From nodes to a document: the shape of a table, key by key. Names are not looked up here.
#pragma once

#include "TableDocument.h"

namespace a2fbridge
{

/// Checks the shape of a parsed table. After a mistake the document is of no use.
TableDocument readTableDocument(const YamlNode& node, Mistake& mistake);

} // namespace a2fbridge
