// A view of values that somebody else owns (C++17 has no std::span).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace a2fbridge
{

/// A view of `size()` values of type T. It owns nothing and must not outlive what it views.
template <class T>
class Span
{
public:
    constexpr Span() = default;
    constexpr Span(const T* data, std::size_t size) : data_(data), size_(size) {}
    Span(const std::vector<T>& values) : data_(values.data()), size_(values.size()) {}
    template <std::size_t N>
    constexpr Span(const std::array<T, N>& values) : data_(values.data()), size_(N)
    {
    }

    constexpr const T* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const T& operator[](std::size_t index) const { return data_[index]; }
    constexpr const T* begin() const { return data_; }
    constexpr const T* end() const { return data_ + size_; }
    /// Values `from` to the end, or at most `count` of them; beyond the end there are none.
    constexpr Span part(std::size_t from, std::size_t count = static_cast<std::size_t>(-1)) const
    {
        const std::size_t first = from < size_ ? from : size_;
        const std::size_t rest = size_ - first;
        return Span(data_ + first, count < rest ? count : rest);
    }

private:
    const T* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace a2fbridge
