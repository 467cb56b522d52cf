// The figures that a2fb prints.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace a2fb::tool
{

class Timing
{
public:
    using Clock = std::chrono::steady_clock;

    /// The first sound leaves.
    void start() { started_ = last_ = Clock::now(); }
    double elapsed() const { return since(started_, Clock::now()); }
    /// A frame whose place in the sound is `timeCode` has come.
    void frame(double timeCode);
    std::size_t frames() const { return behind_.size(); }

    /// `paced`: sound left as fast as it plays, so a frame's delay after its own sound means something.
    std::string text(double soundSeconds, bool paced) const;
    std::string json(double soundSeconds, bool paced) const;

private:
    Clock::time_point started_, last_;
    std::vector<double> behind_; ///< Seconds from the moment a frame's sound left to its arrival.
    double first_ = 0.0;

    static double since(Clock::time_point from, Clock::time_point to)
    {
        return std::chrono::duration<double>(to - from).count();
    }
    double behind(double share) const;
    double framesPerSecond() const;
};

} // namespace a2fb::tool
