#include "A2FBridge/File.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#if defined(_WIN32)
#include "Text.h"
#endif

namespace a2fbridge
{
namespace
{

struct Closer
{
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using FilePtr = std::unique_ptr<std::FILE, Closer>;

#if defined(_WIN32)
/// Windows opens UTF-8 paths only as UTF-16.
std::wstring wide(const std::string& utf8)
{
    std::wstring text;
    for (std::size_t at = 0; at < utf8.size();)
    {
        const std::optional<char32_t> code = nextUtf8(utf8, at);
        if (!code)
        {
            return {};
        }
        if (*code >= 0x10000)
        {
            text.push_back(static_cast<wchar_t>(0xD800 + ((*code - 0x10000) >> 10)));
            text.push_back(static_cast<wchar_t>(0xDC00 + ((*code - 0x10000) & 0x3FF)));
        }
        else
        {
            text.push_back(static_cast<wchar_t>(*code));
        }
    }
    return text;
}

FilePtr openFile(const std::string& path, const char* mode)
{
    std::FILE* file = nullptr;
    static_cast<void>(_wfopen_s(&file, wide(path).c_str(), wide(mode).c_str()));
    return FilePtr(file);
}
#else
FilePtr openFile(const std::string& path, const char* mode)
{
    return FilePtr(std::fopen(path.c_str(), mode));
}
#endif

Error ioError(const std::string& path, const char* what, int number)
{
    Error error = makeError(number == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                            std::string(what) + (number == ENOENT ? ": it is not there" : ": the system refused"));
    error.path = path;
    return error;
}

class FileSink final : public IByteSink
{
public:
    FileSink(FilePtr file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    Status write(Span<std::uint8_t> bytes) override
    {
        const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size();
        return written && std::fflush(file_.get()) == 0 ? Status() : ioError(path_, "cannot be written", EIO);
    }

private:
    FilePtr file_;
    std::string path_;
};

} // namespace

Result<std::vector<std::uint8_t>> readFile(const std::string& path, std::size_t maxBytes)
{
    const FilePtr file = openFile(path, "rb");
    if (!file)
    {
        return ioError(path, "cannot be opened", errno);
    }
    constexpr std::size_t block = std::size_t{1} << 16;
    std::vector<std::uint8_t> bytes;
    std::size_t got = 0;
    do
    {
        const std::size_t have = bytes.size();
        bytes.resize(have + block);
        got = std::fread(bytes.data() + have, 1, block, file.get());
        bytes.resize(have + got);
        if (bytes.size() > maxBytes)
        {
            Error error =
                makeError(ErrorCode::TooLarge, "the file has more than " + std::to_string(maxBytes) + " bytes", "size");
            error.path = path;
            return error;
        }
    } while (got == block);
    if (std::ferror(file.get()) != 0)
    {
        return ioError(path, "cannot be read", EIO);
    }
    return bytes;
}

Result<std::unique_ptr<IByteSink>> makeFileSink(const std::string& path)
{
    FilePtr file = openFile(path, "wb");
    if (!file)
    {
        return ioError(path, "cannot be written", errno == ENOENT ? EIO : errno);
    }
    return std::unique_ptr<IByteSink>(std::make_unique<FileSink>(std::move(file), path));
}

Status MemorySink::write(Span<std::uint8_t> bytes)
{
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
}

} // namespace a2fbridge
