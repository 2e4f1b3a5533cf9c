#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace clued::base {

/// An optional value that its copies share until one of them changes it. For large parts of values that are copied
/// often, changed rarely and mostly absent or equal: an absent one takes a pointer's space. Compares by value. One
/// thread.
template <class T>
class SharedOptional {
 public:
  SharedOptional() noexcept = default;
  SharedOptional(std::nullopt_t) noexcept {}
  SharedOptional(T value) : value_(std::make_shared<T>(std::move(value))) {}

  bool has_value() const noexcept { return value_ != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }

  // Only with a value.
  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }
  /// The value to be changed; others keep what they have.
  T& operator*() { return own(); }
  T* operator->() { return &own(); }

  T& emplace(T value = {}) {
    value_ = std::make_shared<T>(std::move(value));
    return *value_;
  }
  void reset() noexcept { value_.reset(); }
  /// Takes the other's equal value for its own, so that there is one of it.
  void share(const SharedOptional& equal) noexcept { value_ = equal.value_; }

  friend bool operator==(const SharedOptional& a, const SharedOptional& b) {
    return a.value_ == b.value_ || (a.value_ && b.value_ && *a.value_ == *b.value_);
  }
  friend bool operator==(const SharedOptional& a, const T& b) { return a.value_ && *a.value_ == b; }

 private:
  T& own() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }

  std::shared_ptr<T> value_;
};

}  // namespace clued::base
