package dev.casemate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java compiles: whole programs as they are, other pieces as the body of a method that has the variables they use. */
class ReadmeTest {
  private static final Pattern JAVA = Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  @Test
  void everySnippetCompiles(@TempDir Path out) throws IOException {
    List<String> snippets =
        JAVA.matcher(Files.readString(Path.of("README.md"))).results().map(m -> m.group(1)).collect(Collectors.toList());
    assertTrue(snippets.size() >= 3, "only " + snippets.size() + " snippets: does the pattern still match?");
    for (String snippet : snippets) {
      assertEquals("", problems(program(snippet), out), snippet);
    }
  }

  private static String program(String snippet) {
    if (snippet.contains("class Program")) {
      return snippet;
    }
    return String.join(
        "\n",
        "import com.google.protobuf.ByteString;",
        "import dev.casemate.client.Casemate;",
        "import dev.casemate.sandbox.v1.*;",
        "import dev.casemate.secrets.v1.*;",
        "import io.grpc.*;",
        "import java.util.*;",
        "import java.util.concurrent.TimeUnit;",
        "class Program {",
        "  void snippet(ManagedChannel sandboxd, String sandbox, String team) throws Exception {",
        snippet,
        "  }",
        "}");
  }

  /** Returns what javac has to say, warnings included; empty when that is nothing. */
  private static String problems(String program, Path out) {
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return program;
          }
        };
    StringWriter said = new StringWriter();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options =
        List.of("-d", out.toString(), "--release", "11", "-Xlint:all", "-proc:none", "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(said, null, null, options, null, List.of(source)).call();
    return compiled ? said.toString() : "it does not compile:\n" + said;
  }
}
