namespace PeftSweep;

/// <summary>What the command line asks for.</summary>
/// <param name="Trials">How many methods are tried at most.</param>
/// <param name="Seconds">How long the search takes at most.</param>
/// <param name="PlotFile">Where the plot of the front goes, a PNG.</param>
/// <param name="ReportFile">Where the report goes, an HTML page.</param>
/// <param name="ModelFile">Where the model goes, a zip.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(int Trials, int Seconds, string PlotFile, string ReportFile, string ModelFile, int Seed);
