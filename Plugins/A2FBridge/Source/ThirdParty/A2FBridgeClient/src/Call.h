// One ProcessAudioStream call, driven by completions. The connection's thread only.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#if __has_include(<grpcpp/impl/proto_utils.h>)
#include <grpcpp/impl/proto_utils.h>
#else
#include <grpcpp/impl/codegen/proto_utils.h> // until gRPC 1.5x
#endif

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "Session.h"
#include "Settings.h"
#include "Wire.h"

namespace a2fbridge::client
{

using Time = std::chrono::steady_clock::time_point;

/// What a completion queue's tag points to.
struct Completion
{
    std::function<void(bool ok)> run;
};

class Call
{
public:
    Call(std::shared_ptr<Session> session, const ConnectionSettings& connection);

    void start(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue& queue);
    /// Sends what waits, once the session says that there is something.
    void attend();
    /// Looks at the clocks, and goes on reading when there is room again.
    void watch(Time now);

    Session& session() { return *session_; }
    /// Frames wait for room: watch often.
    bool stalled() const { return stalled_; }
    /// Nothing is under way any more; the call may be destroyed.
    bool over() const { return ended_ && underWay_ == 0; }

private:
    std::shared_ptr<Session> session_;
    const ConnectionSettings& connection_;
    Reader reader_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Answer>> stream_;
    grpc::Status status_;
    Request request_;
    Answer answer_;
    Parcel parcel_;

    Completion started_, metadata_, read_, written_, halfClosed_, finished_;
    int underWay_ = 0;
    bool connected_ = false; ///< The call is on a connection.
    bool reading_ = false;   ///< A read (or that of the metadata) is under way.
    bool stalled_ = false;   ///< No read is under way, because the frame queue is full.
    bool writing_ = false;
    bool writesDone_ = false;  ///< Nothing more can or need be sent.
    bool lastWritten_ = false; ///< The message being written is the end.
    bool finishing_ = false;
    bool ended_ = false;
    bool cancelled_ = false;
    std::uint64_t samplesSent_ = 0;
    Time begun_, progress_, owedSince_, overSince_;
    bool owed_ = false;
    bool overSeen_ = false;

    void* under(Completion& completion);
    void onStarted(bool ok);
    void onMetadata(bool ok);
    void onRead(bool ok);
    void onWritten(bool ok);
    void onFinished();
    void take(Reader::Part part);
    std::optional<std::string> settingsJson() const;
    void readOn();
    void write();
    void finishCall();
    void giveUp();
    void fail(Failure failure);
    void watchEnd(Time now);
    void watchConnecting(Time now);
    void watchIdle(Time now);
    bool owes() const;
};

} // namespace a2fbridge::client
