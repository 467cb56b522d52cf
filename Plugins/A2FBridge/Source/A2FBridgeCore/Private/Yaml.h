// A strict, small subset of YAML 1.2 (grammar: docs/mapping.md): one pass, every error with a code, a line and a
// column.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/Result.h"

namespace a2fbridge
{

inline constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20;

/// A place in a table: line and column from 1, in characters. The path belongs to whoever reads the table.
struct Place
{
    const std::string* path = nullptr;
    std::int32_t line = 1;
    std::int32_t column = 1;

    Error error(const char* reason, std::string message) const;
};

/// Keeps the first mistake; what follows it goes on with defaults until somebody asks.
class Mistake
{
public:
    void say(const Place& place, const char* reason, std::string message);
    void take(Error error);
    bool made() const { return made_; }
    const Error& error() const { return error_; }

private:
    bool made_ = false;
    Error error_;
};

struct YamlNode;

struct YamlEntry;

/// A scalar, a sequence or a mapping.
struct YamlNode
{
    enum class Kind : std::uint8_t
    {
        Null,
        Flag,
        Number,
        Text,
        Sequence,
        Map
    };
    Kind kind = Kind::Null;
    bool flag = false;
    Place place;
    double number = 0.0;
    std::string text;
    std::vector<YamlEntry> entries; ///< Items (without key) or keys with their values, in the order of the file.

    const YamlNode* find(std::string_view key) const;
};

struct YamlEntry
{
    std::string key;
    Place keyPlace;
    YamlNode value;
};

/// Parses one document. `path` is for errors and must outlive the nodes.
Result<YamlNode> readYaml(std::string_view bytes, const std::string* path);

} // namespace a2fbridge
