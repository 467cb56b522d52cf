// Messages of NVIDIA's protocol: what is sent, made of settings and sound; what comes, read in order and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "A2FBridge/WeightGuard.h"
#include "Session.h"
#include "Settings.h"
#include "nvidia_ace.controller.v1.pb.h"

namespace a2fbridge::client
{

using Request = nvidia_ace::controller::v1::AudioStream;
using Answer = nvidia_ace::controller::v1::AnimationDataStream;

void writeHeader(const SessionSettings& settings, Request& out);
void writeParcel(const Parcel& parcel, Request& out);

/// Reads the answers of one call into its session. The connection's thread.
class Reader
{
public:
    Reader(Session& session, std::string target) : session_(session), target_(std::move(target)) {}

    /// The server's initial metadata. Throws A2FB_E_UNSUPPORTED when a plain NIM was asked for our options.
    void begin(std::optional<std::string> settingsJson);

    enum class Part
    {
        Other,
        Opening,
        Frame,
        Success,
        Refusal
    };
    /// Reads one message; a frame goes into the session's queue, which must have room. Throws A2FB_E_PROTOCOL.
    Part read(const Answer& message);

    bool begun() const { return begun_; }
    bool opened() const { return guard_.has_value(); }
    /// Seconds of sound that the frames so far reach to.
    double reached() const { return lastTime_; }
    std::uint64_t frames() const { return static_cast<std::uint64_t>(count_); }
    const std::string& refusal() const { return refusal_; }

private:
    Session& session_;
    std::string target_;
    bool begun_ = false;
    std::string settingsJson_;
    FrameRate frameRate_;
    std::int32_t audioRate_ = 16000;
    std::optional<WeightGuard> guard_;
    std::int64_t count_ = 0;
    double lastTime_ = -1.0;
    std::string refusal_;

    void readOpening(const nvidia_ace::controller::v1::AnimationDataStreamHeader& header);
    Part readStatus(const nvidia_ace::status::v1::Status& status);
    Part readFrame(const nvidia_ace::animation_data::v1::AnimationData& data);
    void readWeights(const nvidia_ace::animation_data::v1::FloatArrayWithTimeCode& entry, QueuedFrame& frame);
    void warnOfWeight(std::size_t index, float came, float taken, double timeCode);
    [[noreturn]] void broken(const std::string& what) const;
};

} // namespace a2fbridge::client
