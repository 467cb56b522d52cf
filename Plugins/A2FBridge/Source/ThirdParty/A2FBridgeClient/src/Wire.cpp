#include "Wire.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "A2FBridge/Names.h"
#include "nvidia_ace.emotion_aggregate.v1.pb.h"

namespace a2fbridge::client
{

namespace
{

namespace a2f = nvidia_ace::a2f::v1;
namespace animation = nvidia_ace::animation_data::v1;
using nvidia_ace::status::v1::Status;

template <class Map>
void fill(const NamedValues& values, Map& out)
{
    for (const auto& [name, value] : values)
    {
        out[name] = value;
    }
}

void writeEmotionParameter(const std::string& name, float value, nvidia_ace::controller::v1::AudioStreamHeader& header)
{
    a2f::EmotionPostProcessingParameters& out = *header.mutable_emotion_post_processing_params();
    if (name == "emotion_contrast")
    {
        out.set_emotion_contrast(value);
    }
    else if (name == "live_blend_coef")
    {
        out.set_live_blend_coef(value);
    }
    else if (name == "enable_preferred_emotion")
    {
        out.set_enable_preferred_emotion(value != 0.0F);
    }
    else if (name == "preferred_emotion_strength")
    {
        out.set_preferred_emotion_strength(value);
    }
    else if (name == "emotion_strength")
    {
        out.set_emotion_strength(value);
    }
    else if (name == "max_emotions")
    {
        out.set_max_emotions(static_cast<std::int32_t>(std::clamp(value, 0.0F, 1000.0F)));
    }
    else
    {
        header.mutable_emotion_params()->set_live_transition_time(value);
    }
}

/// "60/1" or "30" as a fraction.
std::optional<FrameRate> parseFrameRate(std::string_view text)
{
    FrameRate rate;
    const char* const end = text.data() + text.size();
    std::from_chars_result read = std::from_chars(text.data(), end, rate.numerator);
    if (read.ec == std::errc() && read.ptr != end && *read.ptr == '/')
    {
        read = std::from_chars(read.ptr + 1, end, rate.denominator);
    }
    return read.ec == std::errc() && read.ptr == end && rate.valid() ? std::optional(rate) : std::nullopt;
}

/// frame_rate of our server's settings; nothing when they are no JSON object.
struct Settings
{
    bool object = false;
    std::optional<FrameRate> frameRate;
};

Settings parseSettings(const std::string& json)
{
    google::protobuf::Struct object;
    if (json.empty() || !google::protobuf::util::JsonStringToMessage(json, &object).ok())
    {
        return {};
    }
    const auto found = object.fields().find("frame_rate");
    return {true, found == object.fields().end() ? std::nullopt : parseFrameRate(found->second.string_value())};
}

void readEmotions(const animation::AnimationData& data, std::array<float, A2FB_EMOTIONS>& out)
{
    out.fill(std::numeric_limits<float>::quiet_NaN());
    const auto packed = data.metadata().find("emotion_aggregate");
    nvidia_ace::emotion_aggregate::v1::EmotionAggregate aggregate;
    // By value, not by type URL: NVIDIA's two stub families name the same message differently.
    if (packed == data.metadata().end() || !aggregate.ParseFromString(packed->second.value()) ||
        aggregate.a2f_smoothed_output().empty())
    {
        return;
    }
    const auto& values = aggregate.a2f_smoothed_output(0).emotion();
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        const auto found = values.find(std::string(emotionNames()[i]));
        out[i] = found == values.end() ? 0.0F : found->second;
    }
}

/// Little-endian 16-bit samples; half a sample at the end is dropped.
void readAudio(const std::string& data, std::vector<std::int16_t>& out)
{
    out.resize(data.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        const unsigned low = static_cast<unsigned char>(data[2 * i]);
        const unsigned high = static_cast<unsigned char>(data[2 * i + 1]);
        out[i] = static_cast<std::int16_t>(static_cast<std::uint16_t>(low | (high << 8U)));
    }
}

std::string seconds(double time)
{
    char text[32];
    static_cast<void>(std::snprintf(text, sizeof text, "%.3f s", time));
    return text;
}

} // namespace

void writeHeader(const SessionSettings& settings, Request& out)
{
    auto& header = *out.mutable_audio_stream_header();
    auto& audio = *header.mutable_audio_header();
    audio.set_audio_format(nvidia_ace::audio::v1::AudioHeader::AUDIO_FORMAT_PCM);
    audio.set_channel_count(1);
    audio.set_bits_per_sample(16);
    audio.set_samples_per_second(static_cast<std::uint32_t>(settings.sampleRate));
    fill(settings.faceParameters, *header.mutable_face_params()->mutable_float_params());
    auto& shapes = *header.mutable_blendshape_params();
    fill(settings.multipliers, *shapes.mutable_bs_weight_multipliers());
    fill(settings.offsets, *shapes.mutable_bs_weight_offsets());
    if (settings.clamp != A2FB_CLAMP_SERVER)
    {
        shapes.set_enable_clamping_bs_weight(settings.clamp == A2FB_CLAMP_ON);
    }
    fill(settings.beginningEmotion, *header.mutable_emotion_params()->mutable_beginning_emotion());
    for (const auto& [name, value] : settings.emotionParameters)
    {
        writeEmotionParameter(name, value, header);
    }
}

void writeParcel(const Parcel& parcel, Request& out)
{
    if (parcel.end)
    {
        out.mutable_end_of_audio();
        return;
    }
    auto& part = *out.mutable_audio_with_emotion();
    std::string& data = *part.mutable_audio_buffer();
    data.resize(2 * parcel.samples.size());
    for (std::size_t i = 0; i < parcel.samples.size(); ++i)
    {
        const auto sample = static_cast<std::uint16_t>(parcel.samples[i]);
        data[2 * i] = static_cast<char>(sample & 0xFFU);
        data[2 * i + 1] = static_cast<char>(sample >> 8U);
    }
    for (const EmotionKey& key : parcel.keys)
    {
        auto& outKey = *part.add_emotions();
        outKey.set_time_code(key.timeCode);
        fill(key.values, *outKey.mutable_emotion());
    }
}

void Reader::begin(std::optional<std::string> settingsJson)
{
    begun_ = true;
    const Settings settings = parseSettings(settingsJson.value_or(""));
    const Pairs asked = session_.settings().extensions();
    if (!settings.object && !asked.empty())
    {
        std::string names;
        for (const auto& [name, value] : asked)
        {
            names += (names.empty() ? "" : ", ") + name;
        }
        throw Failure(A2FB_E_UNSUPPORTED, target_ + " is a plain Audio2Face-3D NIM, which does not know " + names +
                                              "; leave those options out");
    }
    settingsJson_ = settings.object ? *settingsJson : "";
    frameRate_ = settings.frameRate.value_or(FrameRate{});
}

Reader::Part Reader::read(const Answer& message)
{
    switch (message.stream_part_case())
    {
    case Answer::kAnimationDataStreamHeader:
        readOpening(message.animation_data_stream_header());
        return Part::Opening;
    case Answer::kStatus:
        return readStatus(message.status());
    case Answer::kAnimationData:
        return readFrame(message.animation_data());
    default:
        return Part::Other;
    }
}

void Reader::readOpening(const nvidia_ace::controller::v1::AnimationDataStreamHeader& header)
{
    if (opened())
    {
        broken("sent its header twice");
    }
    const auto& names = header.skel_animation_header().blend_shapes();
    const std::set<std::string> distinct(names.begin(), names.end());
    if (names.empty() || names.size() > A2FB_MAX_WEIGHTS || distinct.size() != static_cast<std::size_t>(names.size()) ||
        distinct.count("") != 0)
    {
        broken("named " + std::to_string(names.size()) + " weights, or one twice or not; right is 1 to 4096 names");
    }
    const std::uint32_t rate = header.audio_header().samples_per_second();
    if (rate > 768000)
    {
        broken("gives back sound of " + std::to_string(rate) + " Hz");
    }
    audioRate_ = rate == 0 ? 16000 : static_cast<std::int32_t>(rate);
    guard_.emplace(std::vector<std::string>(names.begin(), names.end()));
    session_.open({guard_->names(), audioRate_, frameRate_, settingsJson_});
}

Reader::Part Reader::readStatus(const Status& status)
{
    if (status.code() == Status::ERROR)
    {
        refusal_ = target_ + ": " + status.message();
        return Part::Refusal;
    }
    if (status.code() == Status::WARNING)
    {
        session_.warn(status.message());
    }
    return status.code() == Status::SUCCESS ? Part::Success : Part::Other;
}

Reader::Part Reader::readFrame(const animation::AnimationData& data)
{
    if (!opened())
    {
        broken("sent a frame before its header");
    }
    if (data.skel_animation().blend_shape_weights().empty())
    {
        return Part::Other;
    }
    const auto& entry = data.skel_animation().blend_shape_weights(0);
    if (!(std::isfinite(entry.time_code()) && entry.time_code() >= lastTime_))
    {
        broken("sent frame " + std::to_string(count_) + " at " + std::to_string(entry.time_code()) +
               " s after one at " + std::to_string(lastTime_) + " s");
    }
    QueuedFrame& frame = *session_.slot();
    readWeights(entry, frame);
    frame.index = count_;
    frame.sampleIndex = frameRate_.sampleOf(count_, audioRate_);
    frame.timeCode = entry.time_code();
    readEmotions(data, frame.emotions);
    frame.audio.clear();
    if (session_.settings().echoAudio)
    {
        readAudio(data.audio().audio_buffer(), frame.audio);
    }
    lastTime_ = entry.time_code();
    ++count_;
    session_.putFrame();
    return Part::Frame;
}

void Reader::readWeights(const animation::FloatArrayWithTimeCode& entry, QueuedFrame& frame)
{
    const Span<float> came(entry.values().data(), static_cast<std::size_t>(entry.values_size()));
    if (!guard_->admit(came, frame.weights.data()))
    {
        broken("sent " + std::to_string(came.size()) + " weights for " + std::to_string(guard_->names().size()) +
               " names at " + seconds(entry.time_code()));
    }
    frame.corrected = 0;
    for (std::size_t i = 0; i < came.size(); ++i)
    {
        if (came[i] != frame.weights[i]) // true for NaN, too
        {
            ++frame.corrected;
            warnOfWeight(i, came[i], frame.weights[i], entry.time_code());
        }
    }
}

void Reader::warnOfWeight(std::size_t index, float came, float taken, double timeCode)
{
    if (guard_->offences()[index] == 1)
    {
        session_.warn(guard_->names()[index] + " came as " + std::to_string(came) + " at " + seconds(timeCode) +
                      " and was taken as " + std::to_string(taken) + "; further ones of this name are only counted");
    }
}

void Reader::broken(const std::string& what) const
{
    throw Failure(A2FB_E_PROTOCOL, target_ + " " + what);
}

} // namespace a2fbridge::client
