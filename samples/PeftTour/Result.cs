using MLNet.FineTune;

namespace PeftTour;

/// <summary>What a method gave.</summary>
/// <param name="Method">The method.</param>
/// <param name="Accuracy">On the test data.</param>
/// <param name="Trained">Numbers that were trained, the head's among them.</param>
/// <param name="Share">Their share of all.</param>
/// <param name="Seconds">How long the fit took.</param>
internal sealed record Result(PeftMethod Method, double Accuracy, long Trained, double Share, double Seconds);
