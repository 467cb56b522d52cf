#include "Settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "A2FBridge/Names.h"
#include "Border.h"

namespace a2fbridge::client
{

namespace
{

constexpr std::size_t kMaxMetadata = 64;
constexpr std::size_t kMaxValues = 1024;
constexpr std::array<std::string_view, 7> kEmotionParameters = {
    "emotion_contrast", "live_blend_coef", "enable_preferred_emotion", "preferred_emotion_strength",
    "emotion_strength", "max_emotions",    "live_transition_time"};

bool isPrintable(std::string_view value)
{
    return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string lower(std::string value)
{
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return value;
}

bool isMetadataName(std::string_view name)
{
    const auto allowed = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

void requireTarget(const std::string& target)
{
    const std::size_t colon = target.rfind(':');
    const bool split = colon != std::string::npos && colon > 0;
    const std::string host = split ? target.substr(0, colon) : "";
    const std::string port = split ? target.substr(colon + 1) : "";
    const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const bool plain = !host.empty() && host.find_first_of(":/ []") == std::string::npos;
    if (!digits || std::stoi(port) < 1 || std::stoi(port) > 65535 || !(bracketed || plain) || !isPrintable(host))
    {
        throw Failure(A2FB_E_ARGUMENT,
                      "target '" + target + "' is not HOST:PORT, such as localhost:52000 or [::1]:52000");
    }
}

std::string pem(a2fb_str given, const char* what)
{
    std::string value(bytes(given));
    if (!value.empty() && value.find("-----BEGIN") == std::string::npos)
    {
        throw Failure(A2FB_E_ARGUMENT, std::string(what) + " is no PEM; right begins with -----BEGIN");
    }
    return value;
}

Pairs readMetadata(const a2fb_connection_options& options)
{
    require(options.metadata_count <= kMaxMetadata, "metadata_count is above 64");
    require(options.metadata != nullptr || options.metadata_count == 0, "metadata has a count but no data");
    Pairs pairs;
    for (std::size_t i = 0; i < options.metadata_count; ++i)
    {
        const std::string name = lower(text(options.metadata[i].name, "a metadata name"));
        const std::string value = text(options.metadata[i].value, "a metadata value");
        if (!isMetadataName(name) || name.rfind("grpc-", 0) == 0 || !isPrintable(value))
        {
            throw Failure(A2FB_E_ARGUMENT, "metadata '" + name +
                                               "' cannot be sent; right is a name of a-z 0-9 - _ . that does not begin "
                                               "with grpc-, and a value of printable ASCII");
        }
        pairs.emplace_back(name, value);
    }
    return pairs;
}

void addToken(a2fb_str given, Pairs& pairs)
{
    const std::string token = text(given, "the token");
    if (token.empty())
    {
        return;
    }
    if (!isPrintable(token) || token.find(' ') != std::string::npos)
    {
        throw Failure(A2FB_E_ARGUMENT, "the token holds blanks or characters beyond ASCII"); // and is not repeated here
    }
    pairs.emplace_back("authorization", "Bearer " + token);
}

NamedValues readValues(const a2fb_value* values, std::size_t count, const char* what)
{
    require(values != nullptr || count == 0, "values have a count but no data");
    require(count <= kMaxValues, "more than 1024 values");
    NamedValues out;
    for (std::size_t i = 0; i < count; ++i)
    {
        const std::string name = text(values[i].name, what);
        const double value = values[i].value;
        if (name.empty() || !(std::abs(value) <= std::numeric_limits<float>::max()))
        {
            throw Failure(A2FB_E_ARGUMENT, std::string(what) + " '" + name + "' is " + std::to_string(value) +
                                               "; right is a name and a finite number");
        }
        out.emplace_back(name, static_cast<float>(value));
    }
    return out;
}

void requireEmotionParameters(const NamedValues& values)
{
    for (const auto& [name, value] : values)
    {
        if (std::find(kEmotionParameters.begin(), kEmotionParameters.end(), name) == kEmotionParameters.end())
        {
            throw Failure(A2FB_E_ARGUMENT,
                          "unknown emotion parameter '" + name +
                              "'; known are emotion_contrast, live_blend_coef, enable_preferred_emotion, "
                              "preferred_emotion_strength, emotion_strength, max_emotions, "
                              "live_transition_time");
        }
    }
}

std::optional<FrameRate> readFrameRate(const a2fb_session_options& options)
{
    if (options.frame_rate_numerator == 0 && options.frame_rate_denominator == 0)
    {
        return std::nullopt;
    }
    const FrameRate rate{options.frame_rate_numerator,
                         options.frame_rate_denominator == 0 ? 1 : options.frame_rate_denominator};
    require(rate.valid(), "frame rate is out of range; right is above 0 and at most 1000");
    return rate;
}

std::string extension(a2fb_str given, const char* what)
{
    std::string value = text(given, what);
    if (!isPrintable(value))
    {
        throw Failure(A2FB_E_ARGUMENT, std::string(what) + " holds characters beyond printable ASCII");
    }
    return value;
}

} // namespace

ConnectionSettings readSettings(const a2fb_connection_options* given)
{
    const a2fb_connection_options options = read(given);
    ConnectionSettings out;
    out.target = text(options.target, "target");
    requireTarget(out.target);
    require(options.security == A2FB_PLAINTEXT || options.security == A2FB_TLS,
            "security is neither A2FB_PLAINTEXT nor A2FB_TLS");
    out.secure = options.security == A2FB_TLS;
    out.rootPem = pem(options.root_pem, "root_pem");
    out.certificatePem = pem(options.certificate_pem, "certificate_pem");
    out.keyPem = pem(options.key_pem, "key_pem");
    require(out.certificatePem.empty() == out.keyPem.empty(),
            "a client certificate and its key go together; one of them is missing");
    require(out.secure || (out.rootPem.empty() && out.keyPem.empty()),
            "certificates are given, but security is A2FB_PLAINTEXT");
    out.serverName = text(options.server_name, "server_name");
    out.metadata = readMetadata(options);
    addToken(options.token, out.metadata);
    out.connectTimeoutMs = option(options.connect_timeout_ms, 5000, 1, 3600000, "connect_timeout_ms");
    out.keepaliveMs = option(options.keepalive_ms, 0, 10000, 7200000, "keepalive_ms");
    out.waitForServer = options.wait_for_server != 0;
    return out;
}

SessionSettings readSettings(const a2fb_session_options* given)
{
    const a2fb_session_options options = read(given);
    SessionSettings out;
    out.sampleRate = static_cast<std::int32_t>(option(options.sample_rate, 16000, 16000, 144000, "sample_rate"));
    out.frameRate = readFrameRate(options);
    out.pack = extension(options.pack, "pack");
    out.identity = extension(options.identity, "identity");
    out.solver = extension(options.solver, "solver");
    out.faceParameters = readValues(options.face_parameters, options.face_parameter_count, "face parameter");
    out.multipliers = readValues(options.multipliers, options.multiplier_count, "multiplier");
    out.offsets = readValues(options.offsets, options.offset_count, "offset");
    out.beginningEmotion = readEmotions(options.beginning_emotion, options.beginning_emotion_count);
    out.emotionParameters =
        readValues(options.emotion_parameters, options.emotion_parameter_count, "emotion parameter");
    requireEmotionParameters(out.emotionParameters);
    require(options.clamp <= A2FB_CLAMP_OFF, "clamp is none of A2FB_CLAMP_SERVER, _ON, _OFF");
    out.clamp = options.clamp;
    out.echoAudio = options.echo_audio != 0;
    out.deadlineMs = options.deadline_ms;
    out.idleTimeoutMs = option(options.idle_timeout_ms, 30000, 100, 3600000, "idle_timeout_ms");
    const std::uint32_t queueMs = option(options.audio_queue_ms, 10000, 100, 600000, "audio_queue_ms");
    out.audioQueue = static_cast<std::size_t>(std::int64_t{out.sampleRate} * queueMs / 1000);
    out.frameQueue = option(options.frame_queue, 600, 2, 65536, "frame_queue");
    return out;
}

NamedValues readEmotions(const a2fb_value* emotions, std::size_t count)
{
    NamedValues out = readValues(emotions, count, "emotion");
    for (auto& [name, value] : out)
    {
        const std::size_t index = emotionIndex(name);
        if (index == kNotFound)
        {
            const std::vector<std::string> known(emotionNames().begin(), emotionNames().end());
            const std::string nearest = nearestName(name, known);
            throw Failure(A2FB_E_ARGUMENT, "unknown emotion '" + name + "'" +
                                               (nearest.empty() ? "" : " (did you mean '" + nearest + "'?)"));
        }
        if (value < 0.0F || value > 1.0F)
        {
            throw Failure(A2FB_E_ARGUMENT, "emotion '" + name + "' is " + std::to_string(value) + "; right is 0 to 1");
        }
        name = emotionNames()[index];
    }
    return out;
}

Pairs SessionSettings::extensions() const
{
    Pairs out;
    if (frameRate)
    {
        out.emplace_back("a2fbridge-frame-rate",
                         std::to_string(frameRate->numerator) + "/" + std::to_string(frameRate->denominator));
    }
    const auto add = [&](const char* name, const std::string& value)
    {
        if (!value.empty())
        {
            out.emplace_back(name, value);
        }
    };
    add("a2fbridge-pack", pack);
    add("a2fbridge-identity", identity);
    add("a2fbridge-solver", solver);
    return out;
}

} // namespace a2fbridge::client
