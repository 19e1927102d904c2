#include "cli/json_text.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

TEST(JsonText, PlainTextIsQuoted) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("results/a # b.h5"), R"("results/a # b.h5")");
  EXPECT_EQ(json_string("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST(JsonText, ControlCharactersQuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\n\t\x01\x7F"), R"("\u000a\u0009\u0001\u007f")");
  EXPECT_EQ(json_string(std::string(1, '\0')), R"("\u0000")");
}

TEST(JsonText, BytesThatAreNoTextAreEscapedOneByOne) {
  EXPECT_EQ(json_string("\xFF"), R"("\udcff")");
  EXPECT_EQ(json_string("a\xC3"), R"("a\udcc3")");
  EXPECT_EQ(json_string("\xE2\x82"), R"("\udce2\udc82")");
  EXPECT_EQ(json_string("\xC0\xAF"), R"("\udcc0\udcaf")");                      // an overlong form
  EXPECT_EQ(json_string("\xED\xA0\x80"), R"("\udced\udca0\udc80")");            // a surrogate
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), R"("\udcf4\udc90\udc80\udc80")");  // beyond Unicode
  EXPECT_EQ(json_string("\xF0\x80\x80\x80x"), R"("\udcf0\udc80\udc80\udc80x")");
}

}  // namespace
}  // namespace deepfog
