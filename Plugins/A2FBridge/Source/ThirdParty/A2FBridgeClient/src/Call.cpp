#include "Call.h"

#include <charconv>
#include <utility>

#include "Fault.h"

namespace a2fbridge::client
{

namespace
{

using std::chrono::milliseconds;

constexpr const char* kMethod = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream";
constexpr const char* kSettings = "a2fbridge-settings";
constexpr auto kGrace = milliseconds(2000); ///< For a server to end the call after its last word.
constexpr double kLookAhead = 1.0;          ///< Seconds of sound that a server may keep before it owes a frame.

std::string inMs(std::uint32_t time)
{
    return std::to_string(time) + " ms";
}

} // namespace

Call::Call(std::shared_ptr<Session> session, const ConnectionSettings& connection)
    : session_(std::move(session)), connection_(connection),
      reader_(*session_, connection.target), started_{[this](bool ok) { onStarted(ok); }},
      metadata_{[this](bool ok) { onMetadata(ok); }}, read_{[this](bool ok) { onRead(ok); }},
      written_{[this](bool ok) { onWritten(ok); }}, halfClosed_{[](bool) {}}, finished_{[this](bool) { onFinished(); }}
{
    for (Completion* completion : {&started_, &metadata_, &read_, &written_, &halfClosed_, &finished_})
    {
        completion->run = [this, run = std::move(completion->run)](bool ok)
        {
            --underWay_;
            run(ok);
        };
    }
}

void* Call::under(Completion& completion)
{
    ++underWay_;
    return &completion;
}

void Call::start(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue& queue)
{
    for (const Pairs& pairs : {connection_.metadata, session_->settings().extensions()})
    {
        for (const auto& [name, value] : pairs)
        {
            context_.AddMetadata(name, value);
        }
    }
    context_.set_wait_for_ready(connection_.waitForServer);
    if (const std::uint32_t deadline = session_->settings().deadlineMs)
    {
        context_.set_deadline(std::chrono::system_clock::now() + milliseconds(deadline));
    }
    begun_ = progress_ = std::chrono::steady_clock::now();
    grpc::TemplatedGenericStub<Request, Answer> stub(channel);
    stream_ = stub.PrepareCall(&context_, kMethod, &queue);
    stream_->StartCall(under(started_));
}

void Call::onStarted(bool ok)
{
    if (!ok)
    {
        finishCall();
        return;
    }
    connected_ = true;
    progress_ = std::chrono::steady_clock::now();
    reading_ = true;
    stream_->ReadInitialMetadata(under(metadata_));
    writeHeader(session_->settings(), request_);
    write();
}

void Call::onMetadata(bool ok)
{
    reading_ = false;
    progress_ = std::chrono::steady_clock::now();
    if (ok)
    {
        readOn();
    }
    else
    {
        finishCall();
    }
}

std::optional<std::string> Call::settingsJson() const
{
    const auto& metadata = context_.GetServerInitialMetadata();
    const auto found = metadata.find(kSettings);
    return found == metadata.end() ? std::nullopt
                                   : std::optional(std::string(found->second.data(), found->second.size()));
}

void Call::readOn()
{
    stalled_ = session_->full() && !session_->over();
    if (!stalled_ && !finishing_)
    {
        reading_ = true;
        stream_->Read(&answer_, under(read_));
    }
}

void Call::onRead(bool ok)
{
    reading_ = false;
    progress_ = std::chrono::steady_clock::now();
    if (!ok)
    {
        finishCall();
        return;
    }
    if (!session_->over())
    {
        try
        {
            if (!reader_.begun())
            {
                reader_.begin(settingsJson());
            }
            take(reader_.read(answer_));
        }
        catch (const Failure& failure)
        {
            fail(failure);
        }
    }
    readOn();
}

void Call::take(Reader::Part part)
{
    if (part == Reader::Part::Success)
    {
        session_->finish();
    }
    else if (part == Reader::Part::Refusal)
    {
        // The server still says what kind of refusal it is, once we stop sending.
        overSince_ = progress_;
        session_->outbox().close();
        parcel_ = Parcel{};
        parcel_.end = true;
        write();
    }
}

void Call::attend()
{
    if (session_->cancelled())
    {
        giveUp();
    }
    else if (connected_ && !writing_ && !writesDone_ &&
             session_->outbox().take(static_cast<std::size_t>(session_->settings().sampleRate), parcel_))
    {
        request_.Clear();
        writeParcel(parcel_, request_);
        write();
    }
}

void Call::write()
{
    if (writing_ || writesDone_)
    {
        return; // onWritten goes on with what parcel_ says
    }
    if (parcel_.end)
    {
        request_.Clear();
        writeParcel(parcel_, request_);
        lastWritten_ = true;
    }
    writing_ = true;
    stream_->Write(request_, under(written_));
}

void Call::onWritten(bool ok)
{
    writing_ = false;
    if (!ok)
    {
        writesDone_ = true; // why, the reading side will learn
        return;
    }
    progress_ = std::chrono::steady_clock::now();
    if (lastWritten_)
    {
        writesDone_ = true;
        stream_->WritesDone(under(halfClosed_));
        return;
    }
    if (!reader_.refusal().empty())
    {
        write();
        return;
    }
    samplesSent_ += parcel_.samples.size();
    session_->sent(parcel_.samples.size());
    parcel_.samples.clear();
    attend();
}

void Call::finishCall()
{
    if (!finishing_)
    {
        finishing_ = true;
        stream_->Finish(&status_, under(finished_));
    }
}

void Call::onFinished()
{
    ended_ = true;
    if (session_->over())
    {
        return;
    }
    if (!status_.ok())
    {
        CallEnd end;
        end.code = status_.error_code();
        end.details = status_.error_message();
        end.answered = connected_;
        end.ours = settingsJson().has_value();
        const auto& trailing = context_.GetServerTrailingMetadata();
        if (const auto found = trailing.find("grpc-retry-pushback-ms"); found != trailing.end())
        {
            std::uint32_t hint = 0;
            std::from_chars(found->second.data(), found->second.data() + found->second.size(), hint);
            end.retryAfterMs = hint;
        }
        session_->fail(faultOf(end, connection_.target, connection_.secure));
    }
    else if (!reader_.refusal().empty())
    {
        session_->fail(Failure(A2FB_E_REFUSED, reader_.refusal()));
    }
    else
    {
        session_->fail(Failure(A2FB_E_PROTOCOL, connection_.target + " ended the stream after " +
                                                    std::to_string(reader_.frames()) + " frames without " +
                                                    (reader_.opened() ? "a status" : "a header")));
    }
}

void Call::giveUp()
{
    if (!cancelled_)
    {
        cancelled_ = true;
        context_.TryCancel();
    }
}

void Call::fail(Failure failure)
{
    session_->fail(std::move(failure));
    giveUp();
}

// --- clocks ------------------------------------------------------------------------------------------------------

void Call::watch(Time now)
{
    if (session_->over())
    {
        watchEnd(now);
    }
    else if (!connected_)
    {
        watchConnecting(now);
    }
    else
    {
        watchIdle(now);
    }
    if (stalled_ && (!session_->full() || session_->over()))
    {
        readOn();
    }
}

void Call::watchEnd(Time now)
{
    if (!overSeen_)
    {
        overSeen_ = true;
        overSince_ = now;
    }
    const bool success = session_->info().state == A2FB_SESSION_FINISHED;
    if (!success || now - overSince_ > kGrace)
    {
        giveUp();
    }
}

void Call::watchConnecting(Time now)
{
    if (now - begun_ > milliseconds(connection_.connectTimeoutMs))
    {
        fail(Failure(A2FB_E_TIMEOUT, "no connection to " + connection_.target + " within " +
                                         inMs(connection_.connectTimeoutMs) +
                                         "; is the server running, the address right?"));
    }
}

bool Call::owes() const
{
    if (stalled_)
    {
        return false;
    }
    const double sent = static_cast<double>(samplesSent_) / session_->settings().sampleRate;
    return !reader_.opened() || writing_ || lastWritten_ || sent - kLookAhead > reader_.reached();
}

void Call::watchIdle(Time now)
{
    if (!reader_.refusal().empty() && now - overSince_ > kGrace)
    {
        fail(Failure(A2FB_E_REFUSED, reader_.refusal()));
        return;
    }
    if (finishing_ && now - progress_ > kGrace)
    {
        // gRPC ends the reading, but not the call, at a message that it cannot read.
        fail(Failure(A2FB_E_PROTOCOL, connection_.target + " sent what is no message of the protocol, after " +
                                          std::to_string(reader_.frames()) + " frames"));
        return;
    }
    const bool owed = owes();
    if (owed && !owed_)
    {
        owedSince_ = now;
    }
    owed_ = owed;
    const std::uint32_t limit = session_->settings().idleTimeoutMs;
    if (owed && now - progress_ > milliseconds(limit) && now - owedSince_ > milliseconds(limit))
    {
        const char* const what = !reader_.opened() ? "its header" : writing_ ? "room for more sound" : "more frames";
        fail(Failure(A2FB_E_TIMEOUT, connection_.target + " owes " + what + " and said nothing for " + inMs(limit) +
                                         " (after " + std::to_string(reader_.frames()) + " frames)"));
    }
}

} // namespace a2fbridge::client
