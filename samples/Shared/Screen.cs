using Spectre.Console;

namespace Samples;

/// <summary>How wide the output is.</summary>
internal static class Screen
{
    // Without a terminal there is no width to ask for; lines of this length stay whole.
    private const int RedirectedWidth = 120;

    /// <summary>Sets the width where the output goes to a file or another program.</summary>
    public static void Prepare()
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
            AnsiConsole.Profile.Width = RedirectedWidth;
    }
}
