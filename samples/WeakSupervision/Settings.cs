namespace WeakSupervision;

/// <summary>What the command line asks for.</summary>
/// <param name="LabelModel">Which label model's labels are learnt from.</param>
/// <param name="Epochs">How often plain training sees each text.</param>
/// <param name="Steps">Steps of COSINE's second stage.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(string LabelModel, int Epochs, int Steps, int Seed);
