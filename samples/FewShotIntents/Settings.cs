using MLNet.FineTune;

namespace FewShotIntents;

/// <summary>What the command line asks for.</summary>
/// <param name="Shots">Examples a class.</param>
/// <param name="Method">What of the encoder trains, in its text form.</param>
/// <param name="ModelFile">Where the model goes, a zip.</param>
/// <param name="PlotFile">Where the plot goes, a PNG.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(int Shots, PeftMethod Method, string ModelFile, string PlotFile, int Seed);
