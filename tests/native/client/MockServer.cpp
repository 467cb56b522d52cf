#include "MockServer.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#if __has_include(<grpcpp/impl/proto_utils.h>)
#include <grpcpp/impl/proto_utils.h>
#else
#include <grpcpp/impl/codegen/proto_utils.h>
#endif

#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <thread>
#include <utility>

#include "A2FBridge/Names.h"
#include "health.pb.h"
#include "nvidia_ace.emotion_aggregate.v1.pb.h"

namespace a2fbridge::test
{

namespace
{

using nvidia_ace::controller::v1::AnimationDataStream;
using nvidia_ace::controller::v1::AudioStream;
using nvidia_ace::status::v1::Status;

constexpr const char* kProcess = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream";
constexpr const char* kHealth = "/grpc.health.v1.Health/Check";
constexpr int kRate = 16000;

template <class Message>
grpc::ByteBuffer pack(const Message& message)
{
    grpc::ByteBuffer buffer;
    bool own = false;
    grpc::SerializationTraits<Message>::Serialize(message, &buffer, &own);
    return buffer;
}

} // namespace

float mockWeight(std::int64_t frame, std::size_t column)
{
    return static_cast<float>((frame * 7 + static_cast<std::int64_t>(column) * 3) % 64) / 64.0F;
}

struct MockServer::Shared
{
    std::mutex mutex;
    std::map<std::string, Received> received;
    std::atomic<int> open{0};
    std::atomic<bool> serving{true};
};

namespace
{

/// One ProcessAudioStream call. Faults:
///   silent        takes everything, answers nothing           no-header      frames without a header
///   stall         says nothing more after frame mock-at       two-headers    the header a second time
///   deaf          reads nothing after the header              nan, huge      one weight is NaN, 1e9
///   count         a weight too many                           back           a time code that goes back
///   no-status     ends with OK, but without SUCCESS           error          ERROR status, drains, INVALID_ARGUMENT
///   error-ok      ERROR status, then OK                       hang-up        SUCCESS, but the call never ends
///   busy          RESOURCE_EXHAUSTED with pushback            limit          RESOURCE_EXHAUSTED after the header
///   internal      INTERNAL at frame mock-at                   garbage        bytes that are no message
///   many-names    5000 names                                  twin-names     a name twice
class MockCall final : public grpc::ServerGenericBidiReactor
{
public:
    MockCall(grpc::GenericCallbackServerContext* context, std::shared_ptr<MockServer::Shared> shared)
        : context_(context), shared_(std::move(shared))
    {
        for (const auto& [name, value] : context->client_metadata())
        {
            received_.metadata[std::string(name.data(), name.size())] = std::string(value.data(), value.size());
        }
        fault_ = metadata("mock-fault", "");
        faultAt_ = std::stoll(metadata("mock-at", "5"));
        const std::string rate = metadata("mock-frame-rate", metadata("a2fbridge-frame-rate", "30/1"));
        numerator_ = std::stoll(rate);
        denominator_ = std::stoll(rate.substr(rate.find('/') + 1));
        ++shared_->open;
        StartRead(&incoming_);
    }

    void OnReadDone(bool ok) override
    {
        const std::lock_guard lock(mutex_);
        if (!ok || finished_)
        {
            finishDrained();
            return;
        }
        AudioStream message;
        grpc::SerializationTraits<AudioStream>::Deserialize(&incoming_, &message);
        take(message);
        keep();
        if (fault_ == "deaf" || finished_)
        {
            return;
        }
        StartRead(&incoming_);
    }

    void OnWriteDone(bool ok) override
    {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        outgoing_.pop_front();
        if (!ok)
        {
            outgoing_.clear();
        }
        writeNext();
    }

    void OnCancel() override
    {
        const std::lock_guard lock(mutex_);
        received_.cancelled = true;
        keep();
        // What is being written stays until OnWriteDone.
        outgoing_.erase(outgoing_.begin() + (writing_ ? 1 : 0), outgoing_.end());
        finish(grpc::Status::CANCELLED);
    }

    void OnDone() override
    {
        {
            const std::lock_guard lock(mutex_); // nobody is still leaving one of the others
        }
        --shared_->open;
        delete this;
    }

private:
    grpc::GenericCallbackServerContext* context_;
    std::shared_ptr<MockServer::Shared> shared_;
    std::mutex mutex_;
    Received received_;
    grpc::ByteBuffer incoming_;
    std::deque<grpc::ByteBuffer> outgoing_;
    bool writing_ = false;
    bool finished_ = false;
    bool closing_ = false;
    grpc::Status closeWith_;
    std::string fault_;
    std::int64_t faultAt_ = 5;
    std::int64_t numerator_ = 30;
    std::int64_t denominator_ = 1;
    std::int64_t frames_ = 0;
    bool stalled_ = false;

    std::string metadata(const std::string& name, const std::string& otherwise) const
    {
        const auto found = received_.metadata.find(name);
        return found == received_.metadata.end() ? otherwise : found->second;
    }

    void keep()
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->received[metadata("mock-id", "")] = received_;
    }

    void take(const AudioStream& message)
    {
        ++received_.messages;
        if (message.has_audio_stream_header())
        {
            received_.header = message.audio_stream_header();
            open();
        }
        else if (message.has_audio_with_emotion())
        {
            takeAudio(message.audio_with_emotion());
        }
        else if (message.has_end_of_audio())
        {
            received_.ended = true;
            end();
        }
    }

    void takeAudio(const nvidia_ace::a2f::v1::AudioWithEmotion& part)
    {
        const std::string& data = part.audio_buffer();
        for (std::size_t i = 0; i + 1 < data.size(); i += 2)
        {
            const auto sample = static_cast<std::int16_t>(static_cast<unsigned char>(data[i]) |
                                                          (static_cast<unsigned char>(data[i + 1]) << 8));
            received_.checksum = (received_.checksum + sample * (++received_.samples)) % 2147483648LL;
        }
        received_.keys.insert(received_.keys.end(), part.emotions().begin(), part.emotions().end());
        sendFrames(false);
    }

    void open()
    {
        if (fault_ == "silent")
        {
            return;
        }
        if (fault_ == "busy")
        {
            context_->AddTrailingMetadata("grpc-retry-pushback-ms", "250");
            finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "no free stream"});
            return;
        }
        if (metadata("mock-plain", "").empty())
        {
            context_->AddInitialMetadata("a2fbridge-settings", "{\"server\":\"mock\",\"frame_rate\":\"" +
                                                                   std::to_string(numerator_) + "/" +
                                                                   std::to_string(denominator_) + "\"}");
        }
        StartSendInitialMetadata();
        if (fault_ != "no-header")
        {
            sendHeader();
        }
        if (fault_ == "two-headers")
        {
            sendHeader();
        }
        sendStatus(Status::WARNING, "this is a mock");
        if (fault_ == "limit")
        {
            closing_ = true;
            closeWith_ = {grpc::StatusCode::RESOURCE_EXHAUSTED, "the clip is too long"};
        }
        if (fault_ == "error" || fault_ == "error-ok")
        {
            sendStatus(Status::ERROR, "channel_count is 7");
        }
    }

    void sendHeader()
    {
        AnimationDataStream message;
        auto& header = *message.mutable_animation_data_stream_header();
        header.mutable_audio_header()->set_samples_per_second(kRate);
        header.mutable_audio_header()->set_bits_per_sample(16);
        header.mutable_audio_header()->set_channel_count(1);
        auto& shapes = *header.mutable_skel_animation_header();
        for (const auto name : faceNames())
        {
            shapes.add_blend_shapes(std::string(name));
        }
        for (int i = 0; fault_ == "many-names" && i < 5000; ++i)
        {
            shapes.add_blend_shapes("Shape" + std::to_string(i));
        }
        if (fault_ == "twin-names")
        {
            shapes.add_blend_shapes("JawOpen");
        }
        send(pack(message));
    }

    /// Frames that start within what was heard, less a look-ahead of 0.26 s while the sound goes on.
    void sendFrames(bool all)
    {
        const std::int64_t rate = received_.header.audio_header().samples_per_second();
        const std::int64_t heard = received_.samples - (all ? 0 : rate * 26 / 100);
        if (rate == 0 || fault_ == "silent" || fault_ == "error" || fault_ == "error-ok")
        {
            return;
        }
        while (!stalled_ && !finished_ && !closing_ && frames_ * denominator_ * rate < heard * numerator_)
        {
            sendFrame();
        }
    }

    void sendFrame()
    {
        AnimationDataStream message;
        auto& data = *message.mutable_animation_data();
        auto& entry = *data.mutable_skel_animation()->add_blend_shape_weights();
        entry.set_time_code(static_cast<double>(frames_ * denominator_) / static_cast<double>(numerator_));
        for (std::size_t i = 0; i < kFaceCount; ++i)
        {
            entry.add_values(mockWeight(frames_, i));
        }
        nvidia_ace::emotion_aggregate::v1::EmotionAggregate aggregate;
        (*aggregate.add_a2f_smoothed_output()->mutable_emotion())["joy"] = 0.25F;
        (*data.mutable_metadata())["emotion_aggregate"].PackFrom(aggregate);
        const std::int64_t from = frames_ * kRate * denominator_ / numerator_;
        const std::int64_t to = (frames_ + 1) * kRate * denominator_ / numerator_;
        data.mutable_audio()->set_audio_buffer(std::string(static_cast<std::size_t>(2 * (to - from)), '\1'));
        if (frames_ == faultAt_ && !breakFrame(entry))
        {
            return;
        }
        ++frames_;
        send(pack(message));
    }

    /// Returns whether the frame is to be sent.
    bool breakFrame(nvidia_ace::animation_data::v1::FloatArrayWithTimeCode& entry)
    {
        constexpr int jawOpen = 17;
        if (fault_ == "nan" || fault_ == "huge")
        {
            entry.set_values(jawOpen, fault_ == "nan" ? std::numeric_limits<float>::quiet_NaN() : 1e9F);
        }
        else if (fault_ == "count")
        {
            entry.add_values(0.0F);
        }
        else if (fault_ == "back")
        {
            entry.set_time_code(0.01);
        }
        else if (fault_ == "stall" || fault_ == "internal")
        {
            stalled_ = true;
            if (fault_ == "internal")
            {
                closeWhenSent({grpc::StatusCode::INTERNAL, "the backend failed"});
            }
            return false;
        }
        else if (fault_ == "garbage")
        {
            grpc::Slice slice("\xFF\xFF\xFF\xFF\xFF");
            send(grpc::ByteBuffer(&slice, 1));
        }
        return true;
    }

    void sendStatus(Status::Code code, const std::string& text)
    {
        AnimationDataStream message;
        message.mutable_status()->set_code(code);
        message.mutable_status()->set_message(text);
        send(pack(message));
    }

    void end()
    {
        sendFrames(true);
        if (fault_ == "error")
        {
            closeWhenSent({grpc::StatusCode::INVALID_ARGUMENT, "channel_count is 7; right is 1"});
        }
        else if (fault_ == "error-ok" || fault_ == "no-status")
        {
            closeWhenSent(grpc::Status::OK);
        }
        else if (fault_ == "limit")
        {
            closeWhenSent(closeWith_);
        }
        else if (!stalled_ && fault_ != "silent")
        {
            AnimationDataStream event;
            event.mutable_event()->set_event_type(nvidia_ace::controller::v1::END_OF_A2F_AUDIO_PROCESSING);
            send(pack(event));
            sendStatus(Status::SUCCESS, "done");
            if (fault_ != "hang-up")
            {
                closeWhenSent(grpc::Status::OK);
            }
        }
    }

    void send(grpc::ByteBuffer buffer)
    {
        outgoing_.push_back(std::move(buffer));
        writeNext();
    }

    void writeNext()
    {
        if (finished_ || writing_)
        {
            return;
        }
        if (!outgoing_.empty())
        {
            writing_ = true;
            StartWrite(&outgoing_.front());
        }
        else if (closing_)
        {
            finish(closeWith_);
        }
    }

    void closeWhenSent(grpc::Status status)
    {
        closing_ = true;
        closeWith_ = std::move(status);
        writeNext();
    }

    void finishDrained()
    {
        if (!received_.ended && !closing_)
        {
            finish(grpc::Status::OK);
        }
    }

    void finish(grpc::Status status)
    {
        if (!finished_)
        {
            finished_ = true;
            Finish(std::move(status));
        }
    }
};

class HealthCall final : public grpc::ServerGenericBidiReactor
{
public:
    explicit HealthCall(bool serving)
    {
        health::v1::HealthCheckResponse answer;
        answer.set_status(serving ? health::v1::HealthCheckResponse::SERVING
                                  : health::v1::HealthCheckResponse::NOT_SERVING);
        answer_ = pack(answer);
        StartRead(&question_);
    }

    void OnReadDone(bool) override { StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK); }
    void OnDone() override { delete this; }

private:
    grpc::ByteBuffer question_;
    grpc::ByteBuffer answer_;
};

class UnknownCall final : public grpc::ServerGenericBidiReactor
{
public:
    UnknownCall() { Finish({grpc::StatusCode::UNIMPLEMENTED, "no such method"}); }
    void OnDone() override { delete this; }
};

} // namespace

struct MockServer::Service final : public grpc::CallbackGenericService
{
    explicit Service(std::shared_ptr<Shared> given) : shared(std::move(given)) {}

    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override
    {
        if (context->method() == kProcess)
        {
            return new MockCall(context, shared);
        }
        if (context->method() == kHealth)
        {
            return new HealthCall(shared->serving);
        }
        return new UnknownCall;
    }

    std::shared_ptr<Shared> shared;
    std::unique_ptr<grpc::Server> server;
};

MockServer::MockServer(int port) : shared_(std::make_shared<Shared>()), service_(std::make_unique<Service>(shared_))
{
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(service_.get());
    service_->server = builder.BuildAndStart();
    target_ = "127.0.0.1:" + std::to_string(port_);
}

MockServer::~MockServer()
{
    stop();
}

Received MockServer::received(const std::string& id) const
{
    const std::lock_guard lock(shared_->mutex);
    const auto found = shared_->received.find(id);
    return found == shared_->received.end() ? Received{} : found->second;
}

int MockServer::openCalls() const
{
    return shared_->open;
}

void MockServer::serving(bool yes)
{
    shared_->serving = yes;
}

void MockServer::stop()
{
    service_->server->Shutdown(std::chrono::system_clock::now());
    service_->server->Wait();
    while (shared_->open != 0) // gRPC has let go of them all; this is what ThreadSanitizer sees of it
    {
        std::this_thread::yield();
    }
}

} // namespace a2fbridge::test
