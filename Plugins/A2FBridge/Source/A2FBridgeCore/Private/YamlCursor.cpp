#include "YamlCursor.h"

#include <utility>

#include "Text.h"
#include "YamlText.h"

namespace a2fbridge
{
namespace
{

constexpr char32_t kEnd = 0;

bool blank(char32_t c)
{
    return c == kEnd || c == U' ';
}

bool isFlowIndicator(char32_t c)
{
    return c == U',' || c == U'[' || c == U']' || c == U'{' || c == U'}';
}

struct RefusedStart
{
    char32_t character;
    const char* reason;
    const char* message;
};

constexpr RefusedStart kRefusedStarts[] = {
    {U'&', "anchor", "anchors are not allowed"},
    {U'*', "alias", "aliases are not allowed"},
    {U'!', "tag", "tags are not allowed"},
    {U'|', "block_scalar", "block scalars are not allowed; write the text on one line"},
    {U'>', "block_scalar", "block scalars are not allowed; write the text on one line"},
    {U'%', "directive", "directives are not allowed"},
    {U'@', "indicator", "a word cannot start with '@'; quote it"},
    {U'`', "indicator", "a word cannot start with '`'; quote it"},
};

} // namespace

YamlCursor::YamlCursor(std::vector<std::u32string> lines, const std::string* path, Mistake& mistake)
    : lines_(std::move(lines)), path_(path), mistake_(mistake)
{
}

const std::u32string& YamlCursor::line() const
{
    static const std::u32string none;
    return ended() ? none : lines_[row_];
}

char32_t YamlCursor::peek(std::size_t ahead) const
{
    const std::u32string& text = line();
    return column_ + ahead < text.size() ? text[column_ + ahead] : kEnd;
}

Place YamlCursor::here() const
{
    return Place{path_, static_cast<std::int32_t>(row_ + 1), static_cast<std::int32_t>(column_ + 1)};
}

std::string YamlCursor::shown() const
{
    std::string text;
    appendUtf8(text, peek());
    return peek() == kEnd ? std::string() : text;
}

void YamlCursor::fail(const Place& place, const char* reason, std::string message)
{
    mistake_.say(place, reason, std::move(message));
    row_ = lines_.size();
    column_ = 0;
}

void YamlCursor::skipSpaces()
{
    while (peek() == U' ')
    {
        ++column_;
    }
}

bool YamlCursor::atLineEnd() const
{
    if (peek() != kEnd && peek() != U'#')
    {
        return false;
    }
    return peek() == kEnd || column_ == 0 || line()[column_ - 1] == U' ';
}

void YamlCursor::nextLine()
{
    do
    {
        row_ += started_ ? 1 : 0;
        started_ = true;
        column_ = 0;
        if (ended())
        {
            return;
        }
        skipSpaces();
    } while (atLineEnd());
    const std::u32string head = line().substr(0, 3);
    if (column_ == 0 && (head == U"---" || head == U"...") && blank(peek(3)))
    {
        fail(here(), "document", "document markers are not allowed; a table is one document");
    }
}

void YamlCursor::endLine()
{
    skipSpaces();
    if (!atLineEnd())
    {
        fail(here(), "syntax", "unexpected '" + shown() + "' after the value");
        return;
    }
    nextLine();
}

bool YamlCursor::atIndicator(char32_t character) const
{
    return peek() == character && blank(peek(1));
}

YamlNode YamlCursor::scalar(bool flow)
{
    const char32_t first = peek();
    return first == U'"' || first == U'\'' ? quoted(first) : plain(flow);
}

bool YamlCursor::closes(char32_t quote, std::size_t at) const
{
    const std::u32string& text = line();
    const bool doubled = quote == U'\'' && at + 1 < text.size() && text[at + 1] == quote;
    return at < text.size() && text[at] == quote && !doubled;
}

YamlNode YamlCursor::quoted(char32_t quote)
{
    YamlNode node;
    node.kind = YamlNode::Kind::Text;
    node.place = here();
    const std::u32string& text = line();
    std::size_t end = column_ + 1;
    while (!closes(quote, end))
    {
        if (end >= text.size())
        {
            fail(node.place, "unclosed", "the quote is not closed on its line");
            return node;
        }
        const bool pair = (quote == U'"' && text[end] == U'\\') || text[end] == quote;
        end += pair ? 2 : 1;
    }
    const std::u32string body = text.substr(column_ + 1, end - column_ - 1);
    column_ = end + 1;
    if (quote == U'"')
    {
        node.text = unescape(body, node.place, mistake_);
    }
    else
    {
        for (std::size_t i = 0; i < body.size(); ++i)
        {
            appendUtf8(node.text, body[i]);
            i += body[i] == U'\'' ? 1 : 0;
        }
    }
    if (failed())
    {
        row_ = lines_.size();
    }
    return node;
}

YamlNode YamlCursor::plain(bool flow)
{
    YamlNode node;
    node.place = here();
    const std::size_t start = column_;
    checkPlainStart(flow);
    while (!failed() && !plainEnds(flow))
    {
        ++column_;
    }
    if (failed())
    {
        return node;
    }
    std::u32string text = line().substr(start, column_ - start);
    while (!text.empty() && text.back() == U' ')
    {
        text.pop_back();
    }
    resolvePlain(toUtf8(text), node, mistake_);
    if (failed())
    {
        row_ = lines_.size();
    }
    return node;
}

void YamlCursor::checkPlainStart(bool flow)
{
    const char32_t character = peek();
    const char32_t following = peek(1);
    for (const RefusedStart& refused : kRefusedStarts)
    {
        if (character == refused.character)
        {
            fail(here(), refused.reason, refused.message);
            return;
        }
    }
    const bool alone =
        blank(following) || (flow && (isFlowIndicator(following) || character == U'?' || character == U':'));
    if (character == U'?' && alone)
    {
        fail(here(), "complex_key", "complex keys are not allowed");
    }
    else if (character == kEnd || isFlowIndicator(character) || character == U'#' ||
             ((character == U'-' || character == U':') && alone))
    {
        fail(here(), "syntax", "a value cannot start with '" + shown() + "'; quote it");
    }
}

bool YamlCursor::plainEnds(bool flow)
{
    const char32_t character = peek();
    if (character == U':')
    {
        return blank(peek(1)) || (flow && isFlowIndicator(peek(1)));
    }
    if (flow && character == U'?')
    {
        fail(here(), "indicator", "'?' within brackets needs quotes");
        return true;
    }
    return atLineEnd() || (flow && isFlowIndicator(character));
}

} // namespace a2fbridge
