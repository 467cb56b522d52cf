#include "Yaml.h"

#include <unordered_map>
#include <utility>

#include "YamlCursor.h"
#include "YamlText.h"

namespace a2fbridge
{
namespace
{

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxKey = 128;

std::size_t characters(const std::string& utf8)
{
    std::size_t count = 0;
    for (const char c : utf8)
    {
        count += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0 : 1;
    }
    return count;
}

/// Keys of one mapping, and the line in which each stands.
using Keys = std::unordered_map<std::string, std::int32_t>;

class Parser : public YamlCursor
{
public:
    using YamlCursor::YamlCursor;

    YamlNode document(const std::string* path)
    {
        nextLine();
        if (ended())
        {
            YamlNode empty;
            empty.place = Place{path, 1, 1};
            return empty;
        }
        YamlNode node = block(1);
        if (!ended())
        {
            fail(here(), "indent", "this line does not belong to the lines above; check its indentation");
        }
        return node;
    }

private:
    // --- block style

    YamlNode block(int depth)
    {
        if (atIndicator(U'-'))
        {
            return blockSequence(depth);
        }
        const Place place = here();
        const std::size_t indent = column();
        YamlNode node = inlineNode(depth, false);
        skipSpaces();
        const bool collection = node.kind == YamlNode::Kind::Sequence || node.kind == YamlNode::Kind::Map;
        if (!collection && atIndicator(U':'))
        {
            return blockMapping(std::move(node), indent, place, depth);
        }
        endLine();
        return node;
    }

    YamlNode blockMapping(YamlNode key, std::size_t indent, const Place& place, int depth)
    {
        YamlNode map = collection(YamlNode::Kind::Map, place, depth);
        const std::int64_t outer = std::exchange(indent_, static_cast<std::int64_t>(indent));
        Keys keys;
        while (!failed())
        {
            addKey(key, keys);
            advance();
            YamlEntry entry{key.text, key.place, {}};
            entry.value = blockValue(key.place, depth);
            map.entries.push_back(std::move(entry));
            if (!continues(indent))
            {
                break;
            }
            key = blockKey();
        }
        indent_ = outer;
        return map;
    }

    /// Whether the fresh line belongs to the block of this indentation.
    bool continues(std::size_t indent)
    {
        if (ended() || column() < indent)
        {
            return false;
        }
        if (column() > indent)
        {
            fail(here(), "indent", "this line is indented too far; a value ends with its line");
            return false;
        }
        return true;
    }

    YamlNode blockKey()
    {
        if (atIndicator(U'-'))
        {
            fail(here(), "syntax", "a sequence item where a key is needed");
            return {};
        }
        YamlNode node = scalar(false);
        skipSpaces();
        if (!atIndicator(U':'))
        {
            fail(node.place, "syntax", "a key followed by ': ' is needed here");
        }
        return node;
    }

    YamlNode nullAt(const Place& place)
    {
        YamlNode node;
        node.place = place;
        return node;
    }

    YamlNode blockValue(const Place& key, int depth)
    {
        skipSpaces();
        if (atLineEnd())
        {
            nextLine();
            const auto fresh = static_cast<std::int64_t>(column());
            if (ended() || fresh < indent_ || (fresh == indent_ && !atIndicator(U'-')))
            {
                return nullAt(key);
            }
            return block(depth + 1);
        }
        if (atIndicator(U'-'))
        {
            fail(here(), "syntax", "a sequence begins on a line of its own");
            return {};
        }
        YamlNode node = inlineNode(depth + 1, false);
        skipSpaces();
        if (atIndicator(U':'))
        {
            fail(here(), "syntax", "a second ': ' on the line; quote the text or use braces");
        }
        endLine();
        return node;
    }

    YamlNode blockSequence(int depth)
    {
        const std::size_t indent = column();
        YamlNode sequence = collection(YamlNode::Kind::Sequence, here(), depth);
        const std::int64_t outer = std::exchange(indent_, static_cast<std::int64_t>(indent));
        while (!failed())
        {
            sequence.entries.push_back(YamlEntry{{}, {}, blockItem(indent, depth)});
            if (!continues(indent) || !atIndicator(U'-'))
            {
                break;
            }
        }
        indent_ = outer;
        return sequence;
    }

    YamlNode blockItem(std::size_t indent, int depth)
    {
        const Place dash = here();
        advance();
        skipSpaces();
        if (atLineEnd())
        {
            nextLine();
            if (ended() || column() <= indent)
            {
                return nullAt(dash);
            }
        }
        return block(depth + 1);
    }

    // --- flow style

    /// What begins within a line: a flow collection, a quoted or a plain scalar.
    YamlNode inlineNode(int depth, bool flow)
    {
        if (peek() == U'{')
        {
            return flowMapping(depth);
        }
        if (peek() == U'[')
        {
            return flowSequence(depth);
        }
        return scalar(flow);
    }

    YamlNode flowSequence(int depth)
    {
        const Place place = here();
        YamlNode sequence = collection(YamlNode::Kind::Sequence, place, depth);
        advance();
        while (flowNext(place) != U']' && !failed())
        {
            sequence.entries.push_back(YamlEntry{{}, {}, inlineNode(depth + 1, true)});
            flowSeparator(place, U']');
        }
        advance();
        return sequence;
    }

    YamlNode flowMapping(int depth)
    {
        const Place place = here();
        YamlNode map = collection(YamlNode::Kind::Map, place, depth);
        advance();
        Keys keys;
        while (flowNext(place) != U'}' && !failed())
        {
            const YamlNode key = flowKey();
            addKey(key, keys);
            const char32_t next = flowNext(place);
            if (next == U',' || next == U'}')
            {
                fail(here(), "syntax", "the key '" + key.text + "' has no value");
            }
            YamlEntry entry{key.text, key.place, {}};
            entry.value = inlineNode(depth + 1, true);
            map.entries.push_back(std::move(entry));
            flowSeparator(place, U'}');
        }
        advance();
        return map;
    }

    /// Goes to the next character of the collection, over spaces, comments and line ends, and returns it.
    char32_t flowNext(const Place& opened)
    {
        skipSpaces();
        if (atLineEnd() && !failed())
        {
            nextLine();
            if (ended())
            {
                fail(opened, "unclosed", "this bracket is never closed");
            }
            else if (static_cast<std::int64_t>(column()) <= indent_)
            {
                fail(here(), "indent", "a line within brackets must be indented deeper than what holds it");
            }
        }
        return peek();
    }

    void flowSeparator(const Place& opened, char32_t closing)
    {
        const char32_t character = flowNext(opened);
        if (character == U',')
        {
            advance();
        }
        else if (character != closing)
        {
            fail(here(), "syntax", closing == U']' ? "',' or ']' is needed here" : "',' or '}' is needed here");
        }
    }

    YamlNode flowKey()
    {
        const bool isQuoted = peek() == U'"' || peek() == U'\'';
        YamlNode node = scalar(true);
        skipSpaces();
        if (peek() != U':')
        {
            fail(node.place, "syntax", "a key followed by ': ' is needed here");
            return node;
        }
        advance();
        const char32_t next = peek();
        if (!isQuoted && next != 0 && next != U' ' && next != U',' && next != U'}')
        {
            fail(here(), "syntax", "a space is needed after ':'");
        }
        return node;
    }

    void addKey(const YamlNode& key, Keys& keys)
    {
        if (failed())
        {
            return;
        }
        if (key.kind != YamlNode::Kind::Text)
        {
            fail(key.place, "key", "a key must be text; quote it");
        }
        else if (characters(key.text) > kMaxKey)
        {
            fail(key.place, "key", "a key has at most " + std::to_string(kMaxKey) + " characters");
        }
        else if (key.text == "<<")
        {
            fail(key.place, "merge_key", "merge keys are not allowed; use extends");
        }
        else if (const auto [known, fresh] = keys.emplace(key.text, key.place.line); !fresh)
        {
            fail(key.place, "duplicate_key",
                 "the key '" + key.text + "' stands twice, first in line " + std::to_string(known->second));
        }
    }

    YamlNode collection(YamlNode::Kind kind, const Place& place, int depth)
    {
        if (depth > kMaxDepth)
        {
            fail(place, "depth", "more than " + std::to_string(kMaxDepth) + " nested collections");
        }
        YamlNode node;
        node.kind = kind;
        node.place = place;
        return node;
    }

    std::int64_t indent_ = -1; ///< Indentation of the block collection that the cursor is in; -1 outside any.
};

} // namespace

Error Place::error(const char* reason, std::string message) const
{
    Error error = makeError(ErrorCode::InvalidData, std::move(message), reason);
    error.path = path != nullptr ? *path : std::string();
    error.line = line;
    error.column = column;
    return error;
}

void Mistake::say(const Place& place, const char* reason, std::string message)
{
    if (!made_)
    {
        take(place.error(reason, std::move(message)));
    }
}

void Mistake::take(Error error)
{
    if (!made_)
    {
        made_ = true;
        error_ = std::move(error);
    }
}

const YamlNode* YamlNode::find(std::string_view key) const
{
    for (const YamlEntry& entry : entries)
    {
        if (entry.key == key)
        {
            return &entry.value;
        }
    }
    return nullptr;
}

Result<YamlNode> readYaml(std::string_view bytes, const std::string* path)
{
    Mistake mistake;
    std::vector<std::u32string> lines = decodeLines(bytes, path, mistake);
    if (mistake.made())
    {
        return mistake.error();
    }
    Parser parser(std::move(lines), path, mistake);
    YamlNode node = parser.document(path);
    if (mistake.made())
    {
        return mistake.error();
    }
    return Result<YamlNode>(std::move(node));
}

} // namespace a2fbridge
