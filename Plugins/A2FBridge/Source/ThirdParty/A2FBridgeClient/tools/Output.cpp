#include "Output.h"

#include <charconv>
#include <filesystem>
#include <system_error>

namespace a2fb::tool
{

namespace
{

/// An open file that throws Problem.
class File
{
public:
    explicit File(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb"))
    {
        if (file_ == nullptr)
        {
            throw Problem(path_ + ": cannot be written");
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File()
    {
        if (file_ != nullptr)
        {
            std::fclose(file_);
        }
    }

    bool write(const void* bytes, std::size_t size) { return std::fwrite(bytes, 1, size, file_) == size; }
    bool flush() { return std::fflush(file_) == 0; }
    void close()
    {
        if (std::fclose(std::exchange(file_, nullptr)) != 0)
        {
            throw Problem(path_ + ": cannot be written; is the disk full?");
        }
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    std::FILE* file_;
};

/// The shortest digits that give the number back, as Python's repr has them.
template <class Number>
void append(std::string& line, Number value)
{
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    line += text;
    if (text.find_first_not_of("-0123456789") == std::string_view::npos)
    {
        line += ".0";
    }
}

/// frame,time_code,<names...>, as `a2fbridge animate` writes it. There whole or not at all.
class CsvSink final : public Sink
{
public:
    explicit CsvSink(std::string path) : path_(std::move(path)), file_(path_ + ".part") {}
    ~CsvSink() override
    {
        if (!done_)
        {
            std::error_code ignored;
            std::filesystem::remove(file_.path(), ignored);
        }
    }

    void open(const Stream& stream) override
    {
        std::string line = "frame,time_code";
        for (const std::string& name : stream.names)
        {
            line += ',' + quoted(name);
        }
        write(line + '\n');
    }
    void frame(const a2fb_frame& frame) override
    {
        std::string line = std::to_string(frame.index) + ',';
        append(line, frame.time_code);
        for (std::uint32_t i = 0; i < frame.weight_count; ++i)
        {
            line += ',';
            append(line, frame.weights[i]);
        }
        write(line + '\n');
    }
    void audio(std::int64_t, const std::int16_t*, std::size_t) override {}
    void finish() override
    {
        file_.close();
        std::error_code failed;
        std::filesystem::rename(file_.path(), path_, failed);
        if (failed)
        {
            throw Problem(path_ + ": cannot be written: " + failed.message());
        }
        done_ = true;
    }

private:
    std::string path_;
    File file_;
    bool done_ = false;

    static std::string quoted(const std::string& name)
    {
        if (name.find_first_of(",\"\r\n") == std::string::npos)
        {
            return name;
        }
        std::string out = "\"";
        for (const char c : name)
        {
            out += c == '"' ? "\"\"" : std::string(1, c);
        }
        return out + '"';
    }
    void write(const std::string& line)
    {
        if (!file_.write(line.data(), line.size()))
        {
            throw Problem(path_ + ": cannot be written; is the disk full?");
        }
    }
};

/// A recorded session, written as it happens: readable up to a crash.
class RecordingSink final : public Sink
{
public:
    RecordingSink(const Library& library, std::string path) : library_(library), file_(std::move(path)) {}

    void open(const Stream& stream) override
    {
        std::vector<a2fb_str> names;
        for (const std::string& name : stream.names)
        {
            names.push_back(str(name));
        }
        const auto format = with<a2fb_format>(
            [&](a2fb_format& to)
            {
                to.convention = stream.convention;
                to.names = names.data();
                to.name_count = names.size();
                to.frame_rate_numerator = stream.rateNumerator;
                to.frame_rate_denominator = stream.rateDenominator;
                to.sample_rate = stream.sampleRate;
            });
        const auto options = with<a2fb_writer_options>(
            [&](a2fb_writer_options& to)
            {
                to.source_json = str(stream.sourceJson);
                to.settings_json = str(stream.settingsJson);
                to.sink_context = &file_;
                to.sink = [](void* context, const void* bytes, std::size_t size) -> std::int32_t
                {
                    File& file = *static_cast<File*>(context);
                    return file.write(bytes, size) && file.flush() ? 0 : 1;
                };
            });
        writer_ = library_.writer(format, options, error_);
        if (!writer_)
        {
            throw Problem(file_.path() + ": " + std::string(error_.text()));
        }
    }
    void frame(const a2fb_frame& frame) override
    {
        check(writer_.api().writer_frame(writer_.raw(), &frame, error_.out()));
    }
    void audio(std::int64_t sampleIndex, const std::int16_t* samples, std::size_t count) override
    {
        check(writer_.api().writer_audio(writer_.raw(), sampleIndex, samples, count, error_.out()));
    }
    void finish() override
    {
        check(writer_.api().writer_finish(writer_.raw(), error_.out()));
        file_.close();
    }

private:
    Library library_;
    File file_;
    Error error_;
    Writer writer_;

    void check(a2fb_status status)
    {
        if (status < 0)
        {
            throw Problem(file_.path() + ": " + std::string(error_.text()));
        }
    }
};

bool endsWith(const std::string& text, std::string_view ending)
{
    return text.size() > ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// A shipped table by its name, or a file.
Table openTable(const Library& library, const std::string& nameOrPath)
{
    Error error;
    Table table;
    if (endsWith(nameOrPath, ".yaml") || endsWith(nameOrPath, ".yml"))
    {
        const std::string document = readFile(nameOrPath);
        table = library.table(document, with<a2fb_table_options>([&](auto& to) { to.title = str(nameOrPath); }), error);
    }
    else
    {
        table = library.shippedTable(nameOrPath, error);
    }
    if (!table)
    {
        throw Problem(std::string(error.text()));
    }
    return table;
}

} // namespace

std::unique_ptr<Sink> makeSink(const Library& library, const std::string& path)
{
    if (endsWith(path, ".csv"))
    {
        return std::make_unique<CsvSink>(path);
    }
    if (endsWith(path, ".a2frec"))
    {
        return std::make_unique<RecordingSink>(library, path);
    }
    throw Problem("'" + path + "' ends neither in .csv nor in .a2frec", 2);
}

Outputs::Outputs(const Library& library, const Arguments& arguments) : library_(library), wanted_(arguments.convention)
{
    if (!arguments.mapping.empty())
    {
        table_ = openTable(library, arguments.mapping);
    }
    for (const std::string& path : arguments.outputs)
    {
        sinks_.push_back(makeSink(library, path));
    }
}

void Outputs::open(Stream stream)
{
    names_ = stream.names;
    for (const std::string& name : names_)
    {
        columns_.push_back(str(name));
    }
    from_ = to_ = stream.convention;
    if (!wanted_.empty())
    {
        to_ = wanted_ == "a2f" ? A2FB_CONVENTION_A2F : A2FB_CONVENTION_ARKIT;
    }
    if (table_)
    {
        Error error;
        to_ = table_.info().convention;
        if (table_.bind(names_, error) != A2FB_OK)
        {
            throw Problem(std::string(error.text()));
        }
        mapped_.resize(table_.info().target_count);
        stream.names = table_.curves();
    }
    if (from_ != to_ && (from_ == A2FB_CONVENTION_TARGET || to_ == A2FB_CONVENTION_TARGET))
    {
        throw Problem("the recording holds curves of a rig already; they cannot be converted or mapped again");
    }
    stream.convention = table_ ? std::uint32_t{A2FB_CONVENTION_TARGET} : to_;
    for (const auto& sink : sinks_)
    {
        sink->open(stream);
    }
}

void Outputs::frame(a2fb_frame& frame)
{
    if (from_ != to_)
    {
        library_.api().convert(frame.weights, frame.weight_count, columns_.data(), from_, to_);
    }
    a2fb_frame out = frame;
    if (table_)
    {
        table_.map(frame.weights, frame.weight_count, mapped_);
        out.weights = mapped_.data();
        out.weight_count = static_cast<std::uint32_t>(mapped_.size());
    }
    for (const auto& sink : sinks_)
    {
        sink->frame(out);
    }
}

void Outputs::audio(std::int64_t sampleIndex, const std::int16_t* samples, std::size_t count)
{
    for (const auto& sink : sinks_)
    {
        sink->audio(sampleIndex, samples, count);
    }
}

void Outputs::finish()
{
    for (const auto& sink : sinks_)
    {
        sink->finish();
    }
}

} // namespace a2fb::tool
