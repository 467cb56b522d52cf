// JSON as a tree, for reading the vectors; built on the core's cursor.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace a2fbridge::test
{

struct Json
{
    char kind = 'n'; ///< n null, t flag, 0 number, " text, [ list, { object
    bool flag = false;
    double number = 0.0;
    std::string text;
    std::vector<std::pair<std::string, Json>> entries;

    std::size_t size() const { return entries.size(); }
    const Json& operator[](std::size_t index) const { return entries.at(index).second; }
    /// The value under a key; a null value when there is none.
    const Json& operator[](const std::string& key) const;
    bool has(const std::string& key) const;
    std::int64_t integer() const { return static_cast<std::int64_t>(number); }
    std::vector<std::string> texts() const;
    /// Numbers; null is NaN.
    std::vector<float> floats() const;
};

Json parseJson(const std::string& text);
/// Whether both hold the same; objects in any order.
bool sameJson(const Json& a, const Json& b);

/// A file of the project, by its path from the root.
std::string readText(const std::string& path);
std::vector<std::uint8_t> readBytes(const std::string& path);
Json readVector(const std::string& path);
std::string decodeBase64(const std::string& text);

} // namespace a2fbridge::test
