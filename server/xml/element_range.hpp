// The child elements of an element, for range-for. Included by xml/document.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "xml/document.hpp"

namespace clued::xml {

class ElementRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Element;

    Iterator(const Document& document, std::uint32_t index) noexcept : document_(&document), index_(index) {}
    Element operator*() const noexcept { return {*document_, index_}; }
    Iterator& operator++() noexcept {
      index_ = document_->nodes_[index_].subtree_end;
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }

   private:
    const Document* document_;
    std::uint32_t index_;
  };

  ElementRange(const Document& document, std::uint32_t begin, std::uint32_t end) noexcept
      : document_(&document), begin_(begin), end_(end) {}
  Iterator begin() const noexcept { return {*document_, begin_}; }
  Iterator end() const noexcept { return {*document_, end_}; }
  bool empty() const noexcept { return begin_ == end_; }

 private:
  const Document* document_;
  std::uint32_t begin_;
  std::uint32_t end_;
};

inline ElementRange Element::children() const noexcept {
  return {*document_, index_ + 1, document_->nodes_[index_].subtree_end};
}

}  // namespace clued::xml
