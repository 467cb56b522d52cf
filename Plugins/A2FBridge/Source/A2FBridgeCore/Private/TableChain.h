// Following `extends`, and laying the files of a chain over each other.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/MappingTable.h"
#include "TableDocument.h"

namespace a2fbridge
{

/// Owns the paths to which the places of a document point; must outlive it.
class TableChain
{
public:
    TableChain(ITableLoader* loader, Mistake& mistake) : loader_(loader), mistake_(mistake) {}

    /// Reads a table and everything that it extends. `root` is the path whose folder files may not leave.
    TableDocument read(std::string_view text, const std::string& path, const std::string& root);

private:
    TableDocument base(const TableName& extends, const std::string& path, const std::string& root);

    ITableLoader* loader_;
    Mistake& mistake_;
    std::deque<std::string> paths_;
    std::vector<std::string> open_; ///< Files of the chain so far.
};

} // namespace a2fbridge
