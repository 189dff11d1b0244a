using System.Diagnostics;
using System.Globalization;

namespace MLNet.FineTune.Benchmarks.Peft;

/// <summary>The most memory the process held since a point in time.</summary>
internal static class PeakMemory
{
    private const string Clear = "/proc/self/clear_refs";

    /// <summary>Whether the operating system can forget an earlier peak; otherwise peaks only rise.</summary>
    public static bool CanReset => OperatingSystem.IsLinux();

    public static void Reset()
    {
        if (CanReset)
            File.WriteAllText(Clear, "5");
    }

    /// <summary>Megabytes.</summary>
    public static double Read()
    {
        if (!CanReset)
            return Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
