#include "Timing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace a2fb::tool
{

void Timing::frame(double timeCode)
{
    last_ = Clock::now();
    const double now = since(started_, last_);
    if (behind_.empty())
    {
        first_ = now;
    }
    behind_.push_back(now - timeCode);
}

double Timing::behind(double share) const
{
    if (behind_.empty())
    {
        return 0.0;
    }
    std::vector<double> sorted = behind_;
    std::sort(sorted.begin(), sorted.end());
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double Timing::framesPerSecond() const
{
    const double seconds = since(started_, last_);
    return seconds > 0.0 ? static_cast<double>(behind_.size()) / seconds : 0.0;
}

std::string Timing::text(double soundSeconds, bool paced) const
{
    char line[256];
    std::snprintf(line, sizeof line, "first frame after %.1f ms; %zu frames of %.2f s sound in %.2f s, %.1f fps",
                  first_ * 1e3, behind_.size(), soundSeconds, since(started_, last_), framesPerSecond());
    std::string out = line;
    if (paced)
    {
        std::snprintf(line, sizeof line, "; behind their sound: p50 %.1f ms, p99 %.1f ms", behind(0.5) * 1e3,
                      behind(0.99) * 1e3);
        out += line;
    }
    return out;
}

std::string Timing::json(double soundSeconds, bool paced) const
{
    char line[512];
    std::snprintf(
        line, sizeof line,
        "{\"event\": \"finished\", \"frames\": %zu, \"sound_s\": %.6f, \"first_frame_ms\": %.3f, \"wall_s\": %.6f, "
        "\"fps\": %.3f",
        behind_.size(), soundSeconds, first_ * 1e3, since(started_, last_), framesPerSecond());
    std::string out = line;
    if (paced)
    {
        std::snprintf(line, sizeof line, ", \"behind_p50_ms\": %.3f, \"behind_p99_ms\": %.3f", behind(0.5) * 1e3,
                      behind(0.99) * 1e3);
        out += line;
    }
    return out + "}";
}

} // namespace a2fb::tool
