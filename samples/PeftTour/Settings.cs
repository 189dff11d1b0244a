namespace PeftTour;

/// <summary>What the command line asks for.</summary>
/// <param name="Methods">The methods, in their text form.</param>
/// <param name="Epochs">How often each text is seen.</param>
/// <param name="PlotFile">Where the plot goes, a PNG.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(IReadOnlyList<string> Methods, int Epochs, string PlotFile, int Seed);
