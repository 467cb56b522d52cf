#include "Connection.h"

#include <grpc/support/log.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "A2FBridge/Version.h"
#include "Call.h"
#include "Fault.h"
#include "health.pb.h"

namespace a2fbridge::client
{

namespace
{

using health::v1::HealthCheckRequest;
using health::v1::HealthCheckResponse;
using std::chrono::milliseconds;

constexpr const char* kHealth = "/grpc.health.v1.Health/Check";
constexpr auto kTick = milliseconds(50);
constexpr auto kStalledTick = milliseconds(5);

/// gRPC writes to stderr unless told otherwise; a library must not. GRPC_VERBOSITY, set by a person, brings it back.
void silenceTransport()
{
#if GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR < 66
    if (std::getenv("GRPC_VERBOSITY") == nullptr)
    {
        gpr_set_log_function([](gpr_log_func_args*) {});
    }
#endif
}

grpc::ChannelArguments channelArguments(const ConnectionSettings& settings)
{
    grpc::ChannelArguments arguments;
    arguments.SetUserAgentPrefix(std::string("a2fbridge-client/") + versionText());
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    // In spite of its name, how long one attempt may take at least; ours is the clock that ends it.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, static_cast<int>(settings.connectTimeoutMs) + 1000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 250);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // A new channel then tries at once, whatever an older one has been waiting for.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (settings.keepaliveMs > 0)
    {
        arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(settings.keepaliveMs));
    }
    if (!settings.serverName.empty())
    {
        arguments.SetSslTargetNameOverride(settings.serverName);
    }
    return arguments;
}

std::shared_ptr<grpc::Channel> makeChannel(const ConnectionSettings& settings)
{
    const auto credentials = settings.secure
                                 ? grpc::SslCredentials({settings.rootPem, settings.keyPem, settings.certificatePem})
                                 : grpc::InsecureChannelCredentials();
    return grpc::CreateCustomChannel(settings.target, credentials, channelArguments(settings));
}

/// One question for the server's health.
struct Check
{
    grpc::ClientContext context;
    HealthCheckResponse answer;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<HealthCheckResponse>> reader;
};

} // namespace

struct Connection::State
{
    explicit State(ConnectionSettings given)
        : settings(std::move(given)),
          channel(makeChannel(settings)), kick{[this](bool) { onKick(); }}, checkDone{[this](bool) { onChecked(); }}
    {
    }

    const ConnectionSettings settings;
    grpc::CompletionQueue queue;
    std::thread thread;

    mutable std::mutex mutex; // guards what follows
    std::shared_ptr<grpc::Channel> channel;
    std::vector<std::shared_ptr<Session>> arriving;
    bool closing = false;
    bool kicked = false;  // an alarm is on its way
    bool stopped = false; // the queue is shut down
    bool checkWanted = false;
    bool checking = false;
    std::uint32_t health = A2FB_HEALTH_UNKNOWN;
    std::optional<Failure> healthFailure;
    std::string toldFailure; // what error() gave out
    std::condition_variable checked;
    grpc::Alarm alarm;
    std::atomic<std::uint32_t> sessions{0};

    Completion kick, checkDone;
    std::vector<std::unique_ptr<Call>> calls; // the thread's
    std::unique_ptr<Check> check;             // the thread's
    bool attention = false;                   // the thread's

    /// Under the mutex.
    void ring()
    {
        if (!thread.joinable())
        {
            thread = std::thread([this] { run(); });
        }
        if (!kicked && !stopped)
        {
            kicked = true;
            alarm.Set(&queue, std::chrono::system_clock::now(), &kick);
        }
    }

    void onKick()
    {
        const std::lock_guard lock(mutex);
        kicked = false;
        attention = true;
    }

    void run();
    void arrive();
    void startCheck();
    void onChecked();
    bool shutdownIfDone();
    std::shared_ptr<grpc::Channel> freshChannel();
    Time tick() const;
};

Time Connection::State::tick() const
{
    const auto stalled = std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call->stalled(); });
    const auto period = calls.empty() ? milliseconds(3600000) : stalled ? kStalledTick : kTick;
    return std::chrono::steady_clock::now() + period;
}

/// Under the mutex. A channel that failed may wait before it tries again; a new one does not.
std::shared_ptr<grpc::Channel> Connection::State::freshChannel()
{
    if (channel->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE)
    {
        channel = makeChannel(settings);
    }
    return channel;
}

void Connection::State::run()
{
    Time due = tick();
    for (;;)
    {
        void* tag = nullptr;
        bool ok = false;
        const auto wait = std::max(due - std::chrono::steady_clock::now(), Time::duration::zero());
        const auto deadline =
            std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(wait);
        const auto got = queue.AsyncNext(&tag, &ok, deadline);
        if (got == grpc::CompletionQueue::SHUTDOWN)
        {
            return;
        }
        if (got == grpc::CompletionQueue::GOT_EVENT)
        {
            static_cast<Completion*>(tag)->run(ok);
        }
        const bool attend = std::exchange(attention, false);
        if (attend)
        {
            arrive();
        }
        const Time now = std::chrono::steady_clock::now();
        const bool watch = attend || now >= due;
        for (const auto& call : calls)
        {
            if (attend)
            {
                call->attend();
            }
            if (watch)
            {
                call->watch(now);
            }
            call->session().notify();
        }
        const auto over = [](const auto& call) { return call->over(); };
        calls.erase(std::remove_if(calls.begin(), calls.end(), over), calls.end());
        sessions.store(static_cast<std::uint32_t>(calls.size()), std::memory_order_relaxed);
        due = watch ? tick() : std::min(due, tick());
        if (attend || calls.empty())
        {
            shutdownIfDone();
        }
    }
}

void Connection::State::arrive()
{
    std::vector<std::shared_ptr<Session>> coming;
    std::shared_ptr<grpc::Channel> on;
    bool all = false;
    bool wanted = false;
    {
        const std::lock_guard lock(mutex);
        coming.swap(arriving);
        wanted = std::exchange(checkWanted, false);
        all = closing;
        if (!coming.empty() || wanted)
        {
            on = freshChannel();
        }
    }
    for (auto& session : coming)
    {
        calls.push_back(std::make_unique<Call>(std::move(session), settings));
        calls.back()->start(on, queue);
    }
    if (wanted)
    {
        startCheck();
    }
    if (all)
    {
        for (const auto& call : calls)
        {
            call->session().cancel();
        }
        if (check)
        {
            check->context.TryCancel();
        }
    }
}

void Connection::State::startCheck()
{
    check = std::make_unique<Check>();
    for (const auto& [name, value] : settings.metadata)
    {
        check->context.AddMetadata(name, value);
    }
    check->context.set_wait_for_ready(settings.waitForServer);
    check->context.set_deadline(std::chrono::system_clock::now() + milliseconds(settings.connectTimeoutMs));
    std::shared_ptr<grpc::Channel> on;
    {
        const std::lock_guard lock(mutex);
        on = channel;
    }
    grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(on);
    check->reader = stub.PrepareUnaryCall(&check->context, kHealth, HealthCheckRequest(), &queue);
    check->reader->StartCall();
    check->reader->Finish(&check->answer, &check->status, &checkDone);
}

void Connection::State::onChecked()
{
    std::optional<Failure> failure;
    if (!check->status.ok())
    {
        CallEnd end;
        end.code = check->status.error_code();
        end.details = check->status.error_message();
        failure = faultOf(end, settings.target, settings.secure);
    }
    const bool serving = check->answer.status() == HealthCheckResponse::SERVING;
    check.reset();
    const std::lock_guard lock(mutex);
    health = failure ? A2FB_HEALTH_FAILED : serving ? A2FB_HEALTH_SERVING : A2FB_HEALTH_NOT_SERVING;
    healthFailure = std::move(failure);
    checking = false;
    checked.notify_all();
    attention = true; // for the case that closing waits for this
}

bool Connection::State::shutdownIfDone()
{
    const std::lock_guard lock(mutex);
    if (closing && calls.empty() && arriving.empty() && !check && !kicked && !stopped)
    {
        stopped = true;
        queue.Shutdown();
    }
    return stopped;
}

Connection::Connection(ConnectionSettings settings)
{
    silenceTransport();
    state_ = std::make_unique<State>(std::move(settings));
}

Connection::~Connection() = default;

void Connection::close()
{
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        if (state.thread.get_id() == std::this_thread::get_id())
        {
            throw Failure(A2FB_E_STATE, "a connection cannot be closed from its own callback");
        }
        state.closing = true;
        if (!state.thread.joinable())
        {
            state.stopped = true;
            state.queue.Shutdown();
        }
        else
        {
            state.ring();
        }
    }
    if (state.thread.joinable())
    {
        state.thread.join();
    }
    void* tag = nullptr;
    bool ok = false;
    while (state.queue.Next(&tag, &ok))
    {
    }
}

void Connection::start(std::shared_ptr<Session> session)
{
    const std::lock_guard lock(state_->mutex);
    if (state_->closing)
    {
        throw Failure(A2FB_E_STATE, "the connection is closed");
    }
    state_->arriving.push_back(std::move(session));
    state_->ring();
}

void Connection::wake()
{
    const std::lock_guard lock(state_->mutex);
    if (!state_->stopped)
    {
        state_->ring();
    }
}

void Connection::check()
{
    const std::lock_guard lock(state_->mutex);
    if (state_->closing)
    {
        throw Failure(A2FB_E_STATE, "the connection is closed");
    }
    if (!state_->checking)
    {
        state_->checking = true;
        state_->checkWanted = true;
        state_->ring();
    }
}

a2fb_connection_info Connection::info() const
{
    const State& state = *state_;
    a2fb_connection_info out{};
    const std::lock_guard lock(state.mutex);
    switch (state.channel->GetState(false))
    {
    case GRPC_CHANNEL_CONNECTING:
        out.state = A2FB_CONNECTION_CONNECTING;
        break;
    case GRPC_CHANNEL_READY:
        out.state = A2FB_CONNECTION_READY;
        break;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
        out.state = A2FB_CONNECTION_FAILED;
        break;
    default:
        out.state = A2FB_CONNECTION_IDLE;
        break;
    }
    out.health = state.health;
    out.checking = state.checking ? 1 : 0;
    out.status = state.healthFailure ? state.healthFailure->status : A2FB_OK;
    out.sessions = state.sessions.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(state.arriving.size());
    return out;
}

bool Connection::error(a2fb_str& out)
{
    State& state = *state_;
    const std::lock_guard lock(state.mutex);
    state.toldFailure = state.healthFailure ? state.healthFailure->message : "";
    out = {state.toldFailure.data(), state.toldFailure.size()};
    return state.healthFailure.has_value();
}

bool Connection::wait(std::uint32_t timeoutMs)
{
    std::unique_lock lock(state_->mutex);
    return state_->checked.wait_for(lock, milliseconds(timeoutMs), [&] { return !state_->checking; });
}

const char* transportVersion()
{
    return GRPC_CPP_VERSION_STRING;
}

} // namespace a2fbridge::client
