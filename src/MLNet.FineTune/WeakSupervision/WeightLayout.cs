namespace MLNet.FineTune.WeakSupervision;

/// <summary>The order of the weights of a generative model: accuracies, propensities to vote, dependencies, class balance.</summary>
/// <param name="Functions">How many functions there are.</param>
/// <param name="Pairs">How many dependencies.</param>
/// <param name="Classes">How many classes have a weight: none where the class balance is given.</param>
internal sealed record WeightLayout(int Functions, int Pairs, int Classes)
{
    public int Count => 2 * Functions + Pairs + Classes;

    public bool IsAccuracy(int weight) => weight < Functions;

    public static int Accuracy(int function) => function;

    public int Propensity(int function) => Functions + function;

    public int Dependency(int pair) => 2 * Functions + pair;

    public int Balance(int label) => 2 * Functions + Pairs + label;
}
