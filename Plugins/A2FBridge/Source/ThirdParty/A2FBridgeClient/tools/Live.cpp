#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "Sources.h"
#include "Timing.h"

namespace a2fb::tool
{

namespace
{

std::atomic<bool> interrupted{false};

constexpr double kPacedBlock = 0.02; ///< Seconds of sound that a microphone gives at a time.

std::uint32_t inMs(double seconds)
{
    return static_cast<std::uint32_t>(seconds * 1000.0);
}

std::string trimmed(std::string text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    {
        text.pop_back();
    }
    return text;
}

/// The C interface's arrays of names and numbers over ours.
std::vector<a2fb_value> values(const Numbers& numbers)
{
    std::vector<a2fb_value> out;
    for (const auto& [name, value] : numbers)
    {
        out.push_back({str(name), value});
    }
    return out;
}

Connection connect(const Library& library, const Arguments& arguments)
{
    const char* const fromEnvironment = std::getenv("A2FBRIDGE_TOKEN");
    const std::string token = !arguments.tokenFile.empty() ? trimmed(readFile(arguments.tokenFile))
                              : fromEnvironment != nullptr ? std::string(fromEnvironment)
                                                           : std::string();
    const std::string root = arguments.tlsCa.empty() ? "" : readFile(arguments.tlsCa);
    const std::string certificate = arguments.tlsCert.empty() ? "" : readFile(arguments.tlsCert);
    const std::string key = arguments.tlsKey.empty() ? "" : readFile(arguments.tlsKey);
    std::vector<a2fb_pair> metadata;
    for (const auto& [name, value] : arguments.metadata)
    {
        metadata.push_back({str(name), str(value)});
    }
    const bool secure = arguments.tls || !root.empty() || !certificate.empty();
    Error error;
    Connection connection = library.connect(with<a2fb_connection_options>(
                                                [&](a2fb_connection_options& to)
                                                {
                                                    to.target = str(arguments.server);
                                                    to.security = secure ? A2FB_TLS : A2FB_PLAINTEXT;
                                                    to.root_pem = str(root);
                                                    to.certificate_pem = str(certificate);
                                                    to.key_pem = str(key);
                                                    to.server_name = str(arguments.serverName);
                                                    to.token = str(token);
                                                    to.metadata = metadata.data();
                                                    to.metadata_count = metadata.size();
                                                    to.connect_timeout_ms = inMs(arguments.connectTimeout);
                                                    to.wait_for_server = arguments.wait ? 1 : 0;
                                                }),
                                            error);
    if (!connection)
    {
        throw Problem(std::string(error.text()));
    }
    return connection;
}

Session openSession(const Connection& connection, const Arguments& arguments, std::uint32_t sampleRate, bool echo)
{
    const auto parameters = values(arguments.parameters);
    const auto gains = values(arguments.gains);
    const auto offsets = values(arguments.offsets);
    auto options = make<a2fb_session_options>();
    options.sample_rate = sampleRate;
    if (!arguments.fps.empty() && arguments.fps != "30") // which a plain NIM has, too, and knows no option for
    {
        std::tie(options.frame_rate_numerator, options.frame_rate_denominator) = frameRate(arguments.fps);
    }
    options.pack = str(arguments.pack);
    options.identity = str(arguments.identity);
    options.solver = str(arguments.solver);
    options.face_parameters = parameters.data();
    options.face_parameter_count = parameters.size();
    options.multipliers = gains.data();
    options.multiplier_count = gains.size();
    options.offsets = offsets.data();
    options.offset_count = offsets.size();
    options.clamp = arguments.clamp ? A2FB_CLAMP_ON : A2FB_CLAMP_SERVER;
    options.echo_audio = echo ? 1 : 0;
    options.deadline_ms = inMs(arguments.timeout);
    options.idle_timeout_ms = inMs(arguments.idleTimeout);
    Error error;
    Session session = connection.open(options, error);
    if (session && !arguments.emotions.empty())
    {
        session.emotions(0.0, values(arguments.emotions), error);
    }
    if (!session || error.status() < 0)
    {
        throw Problem(std::string(error.text()));
    }
    return session;
}

std::string quoted(const std::string& text)
{
    std::string out = "\"";
    for (const char c : text)
    {
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + '"';
}

Stream streamOf(const Session& session, const std::string& server)
{
    const a2fb_session_info info = session.info();
    Stream out;
    out.names = session.names();
    out.rateNumerator = info.frame_rate_numerator;
    out.rateDenominator = info.frame_rate_denominator;
    out.sampleRate = info.audio_sample_rate;
    out.sourceJson = "{\"server\": " + quoted(server) + "}";
    out.settingsJson = info.is_a2fbridge != 0 ? std::string(session.text(A2FB_TEXT_SETTINGS)) : "{}";
    return out;
}

/// The sound on its way out.
class Feeder
{
public:
    Feeder(const Wav& wav, const a2fb_wav_info& info, bool paced)
        : samples_(static_cast<std::size_t>(info.frames)), rate_(info.sample_rate), paced_(paced)
    {
        std::size_t read = 0;
        wav.api().wav_read(wav.raw(), 0, samples_.data(), samples_.size(), &read);
    }

    double seconds() const { return static_cast<double>(samples_.size()) / rate_; }

    /// Pushes what is due; returns the seconds until there is more to push (0: as soon as there is room).
    double feed(const Session& session, double elapsed, Error& error)
    {
        const auto block = static_cast<std::size_t>(rate_ * kPacedBlock);
        const auto due = static_cast<std::size_t>(elapsed * rate_) / block * block + block;
        const std::size_t until = paced_ ? std::min(samples_.size(), due) : samples_.size();
        a2fb_status status = A2FB_OK;
        if (pushed_ < until)
        {
            pushed_ += session.push(with<a2fb_audio>(
                                        [&](a2fb_audio& to)
                                        {
                                            to.format = A2FB_F32;
                                            to.data = samples_.data() + pushed_;
                                            to.frames = until - pushed_;
                                        }),
                                    status, error);
        }
        if (pushed_ == samples_.size() && !ended_ && status >= 0)
        {
            ended_ = true;
            session.end(error);
        }
        return paced_ && !ended_ ? static_cast<double>(pushed_) / rate_ - elapsed : 0.0;
    }

private:
    std::vector<float> samples_;
    double rate_;
    bool paced_;
    std::size_t pushed_ = 0;
    bool ended_ = false;
};

/// Takes what has come; returns the status of the last poll.
class Taker
{
public:
    Taker(const Session& session, Outputs& outputs, std::string server)
        : session_(session), outputs_(outputs), server_(std::move(server)), weights_(A2FB_MAX_WEIGHTS), sound_(65536),
          frame_(make<a2fb_frame>())
    {
        frame_.weight_capacity = A2FB_MAX_WEIGHTS;
        frame_.audio_capacity = static_cast<std::uint32_t>(sound_.size());
    }

    a2fb_status take(Timing& timing, Error& error)
    {
        for (;;)
        {
            frame_.weights = weights_.data();
            frame_.audio = sound_.data();
            const a2fb_status got = session_.poll(frame_, error);
            if (got != A2FB_OK)
            {
                return got;
            }
            timing.frame(frame_.time_code);
            if (frame_.index == 0)
            {
                outputs_.open(streamOf(session_, server_));
            }
            outputs_.frame(frame_);
            if (frame_.audio_count > 0)
            {
                outputs_.audio(frame_.sample_index, sound_.data(), frame_.audio_count);
            }
        }
    }

private:
    const Session& session_;
    Outputs& outputs_;
    std::string server_;
    std::vector<float> weights_;
    std::vector<std::int16_t> sound_;
    a2fb_frame frame_;
};

a2fb_wav_info checked(const Wav& wav, const std::string& path)
{
    auto info = make<a2fb_wav_info>();
    wav.api().wav_info(wav.raw(), &info);
    if (info.sample_rate < 16000 || info.sample_rate > 144000)
    {
        throw Problem(path + " has " + std::to_string(info.sample_rate) +
                      " Hz; servers take 16000 to 144000. `a2fbridge animate` resamples");
    }
    if (info.truncated != 0)
    {
        std::fprintf(stderr, "warning: %s ends before its sound does\n", path.c_str());
    }
    return info;
}

void warn(const Session& session)
{
    for (std::size_t i = 0; i < session.info().warning_count; ++i)
    {
        std::fprintf(stderr, "warning: %s\n", std::string(session.text(A2FB_TEXT_WARNING, i)).c_str());
    }
}

} // namespace

void interrupt()
{
    interrupted = true;
}

void animate(const Library& library, const Arguments& arguments, Outputs& outputs)
{
    Error error;
    const Wav wav = library.wav(readFile(arguments.wav), error);
    if (!wav)
    {
        throw Problem(arguments.wav + ": " + std::string(error.text()));
    }
    const a2fb_wav_info info = checked(wav, arguments.wav);
    const auto isRecording = [](const std::string& path) { return path.find(".a2frec") != std::string::npos; };
    const bool echo = std::any_of(arguments.outputs.begin(), arguments.outputs.end(), isRecording);
    const Connection connection = connect(library, arguments);
    const Session session = openSession(connection, arguments, info.sample_rate, echo);
    Feeder feeder(wav, info, arguments.paced);
    Taker taker(session, outputs, arguments.server);
    Timing timing;
    timing.start();
    a2fb_status got = A2FB_NOTHING;
    while (got == A2FB_NOTHING)
    {
        if (interrupted)
        {
            throw Problem("interrupted", 130);
        }
        const double next = feeder.feed(session, timing.elapsed(), error);
        session.wait(next > 0.0 ? inMs(std::min(next, 0.1)) + 1 : 20);
        got = taker.take(timing, error);
    }
    warn(session);
    if (got != A2FB_END)
    {
        throw Problem(std::string(error.text()));
    }
    if (timing.frames() == 0)
    {
        outputs.open(streamOf(session, arguments.server));
    }
    outputs.finish();
    if (!arguments.quiet)
    {
        const std::string figures = arguments.json ? timing.json(feeder.seconds(), arguments.paced)
                                                   : timing.text(feeder.seconds(), arguments.paced);
        std::printf("%s\n", figures.c_str());
    }
}

void health(const Library& library, const Arguments& arguments)
{
    Error error;
    const Connection connection = connect(library, arguments);
    if (connection.check(error) != A2FB_OK)
    {
        throw Problem(std::string(error.text()));
    }
    while (connection.wait(100) != A2FB_OK)
    {
        if (interrupted)
        {
            throw Problem("interrupted", 130);
        }
    }
    const std::uint32_t state = connection.info().health;
    if (state == A2FB_HEALTH_FAILED)
    {
        throw Problem(connection.error());
    }
    if (state != A2FB_HEALTH_SERVING)
    {
        throw Problem(arguments.server + " answers, but does not serve: it is loading or shutting down");
    }
    if (!arguments.quiet)
    {
        std::printf(arguments.json ? "{\"event\": \"health\", \"serving\": true}\n" : "%s is serving\n",
                    arguments.server.c_str());
    }
}

} // namespace a2fb::tool
