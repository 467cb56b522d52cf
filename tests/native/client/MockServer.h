// A server for the tests, in this process: speaks NVIDIA's protocol with made-up weights, and breaks it on demand. What
// it does is said by the client's own request metadata, so one server serves all tests at once:
//
//   mock-plain: 1              no a2fbridge-settings: a plain NIM
//   mock-frame-rate: 60/1      frames per second (default 30)
//   mock-fault: NAME           see MockCall.cpp
//   mock-at: N                 frame at which the fault comes (default 5)
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nvidia_ace.controller.v1.pb.h"

namespace a2fbridge::test
{

/// What a call received, kept after its end.
struct Received
{
    nvidia_ace::controller::v1::AudioStreamHeader header;
    std::map<std::string, std::string> metadata;
    std::vector<nvidia_ace::emotion_with_timecode::v1::EmotionWithTimeCode> keys;
    std::int64_t samples = 0;
    std::int64_t messages = 0;
    std::int64_t checksum = 0; ///< Sum of sample * (index + 1), modulo 2^31.
    bool ended = false;
    bool cancelled = false;
};

class MockServer
{
public:
    /// Listens on 127.0.0.1; port 0: any.
    explicit MockServer(int port = 0);
    ~MockServer();

    int port() const { return port_; }
    /// "127.0.0.1:PORT"
    const std::string& target() const { return target_; }
    /// The last call that ended, or is open, whose metadata has mock-id equal to `id`.
    Received received(const std::string& id) const;
    int openCalls() const;
    void serving(bool yes);
    /// Ends all calls at once and listens no more.
    void stop();

    struct Shared;

private:
    struct Service;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Service> service_;
    int port_ = 0;
    std::string target_;
};

/// The weight that the mock server sends: a function of frame and column, exact in 32 bits.
float mockWeight(std::int64_t frame, std::size_t column);

} // namespace a2fbridge::test
