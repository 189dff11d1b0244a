using MLNet.FineTune;

namespace SelfTraining;

/// <summary>What the command line asks for.</summary>
/// <param name="DataFile">Texts and labels; null for the support requests that come with the sample.</param>
/// <param name="Shots">Labelled texts of each class.</param>
/// <param name="Method">How texts without labels are learnt from.</param>
/// <param name="Peft">What of the encoder trains.</param>
/// <param name="Epochs">How often a training sees each labelled text.</param>
/// <param name="CheckpointFolder">Where an interrupted run goes on; null for nowhere.</param>
/// <param name="PlotFile">Where the plot goes, a PNG.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(string? DataFile, int Shots, SelfTrainingMethod Method, PeftMethod Peft, int Epochs, string? CheckpointFolder, string PlotFile, int Seed);
