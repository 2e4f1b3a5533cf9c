// A value or the reason why there is none, with the names of std::expected (which neither g++ 12 with
// clang's headers nor clang 14 offers together).
#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace clued::base {

template <class E>
class unexpected {
 public:
  constexpr explicit unexpected(E error) : error_(std::move(error)) {}
  constexpr const E& error() const& noexcept { return error_; }
  constexpr E&& error() && noexcept { return std::move(error_); }

 private:
  E error_;
};

template <class E>
unexpected(E) -> unexpected<E>;

/// Holds either a T or an E. Reading the one that is not there is a programming error (assert).
template <class T, class E>
class [[nodiscard]] expected {
 public:
  using value_type = T;
  using error_type = E;

  expected() requires std::is_default_constructible_v<T> = default;
  template <class U = T>
    requires(std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, expected>)
  expected(U&& value) : content_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <class G>
    requires std::is_constructible_v<E, G>
  expected(unexpected<G> error) : content_(std::in_place_index<1>, std::move(error).error()) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return **this; }
  const T& value() const& { return **this; }
  T&& value() && { return *std::move(*this); }
  T& operator*() & {
    assert(has_value());
    return *std::get_if<0>(&content_);
  }
  const T& operator*() const& {
    assert(has_value());
    return *std::get_if<0>(&content_);
  }
  T&& operator*() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&content_));
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  template <class U>
  T value_or(U&& otherwise) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(otherwise));
  }

  E& error() & {
    assert(!has_value());
    return *std::get_if<1>(&content_);
  }
  const E& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&content_);
  }
  E&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&content_));
  }

 private:
  std::variant<T, E> content_;
};

/// The outcome of something that yields no value.
template <class E>
class [[nodiscard]] expected<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  expected() = default;
  template <class G>
    requires std::is_constructible_v<E, G>
  expected(unexpected<G> error) : content_(std::in_place_index<1>, std::move(error).error()) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  const E& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&content_);
  }

 private:
  std::variant<std::monostate, E> content_;
};

}  // namespace clued::base
