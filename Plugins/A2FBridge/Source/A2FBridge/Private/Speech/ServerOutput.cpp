#include "Speech/ServerOutput.h"

#include <algorithm>
#include <charconv>

namespace a2fbridge
{

namespace
{
constexpr std::size_t kMaxLine = 8192;

/// Returns what follows `"key":` and spaces, or nothing. Enough for the flat objects that the server prints.
std::optional<std::string_view> valueOf(std::string_view line, std::string_view key)
{
	const std::string quoted = '"' + std::string(key) + '"';
	std::size_t at = line.find(quoted);
	if (at == std::string_view::npos)
	{
		return std::nullopt;
	}
	at = line.find_first_not_of(' ', at + quoted.size());
	if (at == std::string_view::npos || line[at] != ':')
	{
		return std::nullopt;
	}
	at = line.find_first_not_of(' ', at + 1);
	return at == std::string_view::npos ? std::nullopt : std::optional(line.substr(at));
}
} // namespace

std::vector<std::string> LineReader::add(std::string_view piece)
{
	std::vector<std::string> lines;
	for (const char character : piece)
	{
		if (character == '\n')
		{
			lines.push_back(std::move(rest_));
			rest_.clear();
		}
		else if (character != '\r' && rest_.size() < kMaxLine)
		{
			rest_ += character;
		}
	}
	return lines;
}

std::optional<std::int32_t> runningPort(std::string_view line)
{
	const auto event = valueOf(line, "event");
	const auto port = valueOf(line, "port");
	constexpr std::string_view running = "\"running\"";
	if (line.empty() || line.front() != '{' || !event || !port || event->substr(0, running.size()) != running)
	{
		return std::nullopt;
	}
	std::int32_t value = 0;
	const auto parsed = std::from_chars(port->data(), port->data() + port->size(), value);
	if (parsed.ec != std::errc() || value < 1 || value > 65535)
	{
		return std::nullopt;
	}
	return value;
}

} // namespace a2fbridge
