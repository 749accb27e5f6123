import java.util.logging.Level;
import java.util.logging.Logger;

public class Trace {
  static class Broken extends RuntimeException {
    Broken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static void read(int depth) {
    if (depth > 0) read(depth - 1);
    else throw new IllegalStateException("the file is gone");
  }

  static void load() {
    try {
      read(3);
    } catch (IllegalStateException error) {
      Broken broken = new Broken("cannot load", error);
      broken.addSuppressed(new java.io.IOException("close failed"));
      throw broken;
    }
  }

  public static void main(String[] arguments) {
    System.err.println("2026-11-29 07:00:00.123 INFO  [main] app.Trace - starting");
    try {
      load();
    } catch (Broken error) {
      System.err.println("2026-11-29 07:00:00.456 ERROR [main] app.Trace - request failed");
      error.printStackTrace();
    }
    System.err.println("2026-11-29 07:00:00.789 INFO  [main] app.Trace - next request");
    Logger.getLogger("app.Trace").log(Level.WARNING, "retrying", new java.net.ConnectException("refused"));
    new Thread(() -> { throw new NullPointerException(); }, "worker-1").start();
    try {
      Thread.sleep(100);
    } catch (InterruptedException error) {
      throw new AssertionError(error);
    }
    Object nothing = null;
    nothing.toString();
  }
}
